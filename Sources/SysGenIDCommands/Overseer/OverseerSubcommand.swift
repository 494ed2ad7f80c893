import ArgumentParser
import SysGenIDJSON

/// A subcommand that asks the overseer.
protocol OverseerSubcommand: ControlSubcommand {}

extension OverseerSubcommand {
    /// The greatest deadline that the overseer takes, in milliseconds.
    static var timeoutRange: ClosedRange<UInt32> { 0...3_600_000 }

    var address: OverseerAddress { host ?? socket.map { .system(path: $0) } ?? .ofSystem }

    /// Other programs read what is asked of other machines.
    var printsReportAsJSON: Bool { printsJSON || address.isOther }

    func checkTarget() throws(ValidationError) {
        guard device == nil, container == nil else {
            throw ValidationError("The overseer is of the whole system: --device and --container are not for it.")
        }
        guard host == nil || socket == nil else {
            throw ValidationError("--host and --socket cannot be used together.")
        }
    }

    static func checkTimeout(_ timeout: UInt32?) throws(ValidationError) {
        guard let timeout, !timeoutRange.contains(timeout) else { return }
        throw ValidationError("--timeout is at most \(timeoutRange.upperBound) milliseconds.")
    }

    /// What JSON has in the place of a parameter that was not given.
    static func parameter(_ number: UInt32?) -> JSON { .orNull(number) { .number(Int($0)) } }
}
