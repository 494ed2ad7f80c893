import Foundation
import SysGenIDSystem

/// The pipe that daemons write their log to, and who reads it, unless nobody shall.
final class DaemonLog: Sendable {
    let pipe: String
    let file: String
    private let descriptor: Int32
    private let isStalled = Lock(false)
    private let isOver = Lock(false)

    init(in folder: String) throws {
        pipe = folder + "/log-pipe"
        file = folder + "/log"
        guard mkfifo(pipe, 0o600) == 0 else { throw Failure("cannot make \(pipe)") }
        // Open for both, so that it never ends while daemons come and go.
        descriptor = open(pipe, O_RDWR | O_NONBLOCK | O_CLOEXEC)
        let output = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0, output >= 0 else { throw Failure("cannot write \(file)") }
        let thread = Foundation.Thread { [self] in
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while !isOver.withLock(\.self) {
                let count = isStalled.withLock(\.self) ? 0 : read(descriptor, &buffer, buffer.count)
                guard count > 0 else {
                    usleep(5_000)
                    continue
                }
                write(output, buffer, count)
            }
            Foundation.close(output)
        }
        thread.start()
    }

    /// Fills the pipe, and lets nobody read from it.
    func stall() {
        isStalled.withLock { $0 = true }
        let filler = [UInt8](repeating: UInt8(ascii: "."), count: 4_096)
        while write(descriptor, filler, filler.count) > 0 {}
    }

    func goOn() {
        isStalled.withLock { $0 = false }
    }

    func close() {
        isOver.withLock { $0 = true }
    }

    /// The errors that were told so far; those for which the soak itself has filled the directory are none.
    var errors: [Substring] {
        let text = FileManager.default.contents(atPath: file).map { String(decoding: $0, as: UTF8.self) } ?? ""
        return text.split(separator: "\n").filter {
            $0.contains(" error: ") && !$0.contains("No space left on device")
        }
    }
}
