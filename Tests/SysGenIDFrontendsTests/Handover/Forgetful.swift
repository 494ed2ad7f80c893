import SysGenIDCore
import SysGenIDSystem

@testable import SysGenIDFrontends

/// A journal that nobody reads.
struct Forgetful: Journal {
    func write(_ record: Record) throws(SystemCallFailure) {}
    func keep(_ forged: ForgedGenerations) throws(SystemCallFailure) {}
}
