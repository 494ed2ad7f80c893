import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// Threads of the client library, and the signals of the program that they run in.
    @Suite struct LibrarySignals {
        /// One that a thread of the library took would end the program.
        @Test func aProgramTakesItsSignalsItself() throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve()
            let program = try device.run("LibraryClient", ["signals", device.path, device.runtimeDirectory])
            try program.waitFor("generation 1\n")
            try waitUntil("both threads", details: { "\(Self.threads(of: program))" }) {
                Self.threads(of: program).isSuperset(of: ["sysgenid-watch\n", "sysgenid-wait\n"])
            }
            try program.send("block them")
            try program.waitFor("ready\n")
            let realTime = __libc_current_sigrtmin()
            for number in [SIGTERM, SIGUSR1, SIGALRM, realTime, realTime + 1] {
                #expect(kill(program.processID, number) == 0)
            }
            usleep(100_000)
            try program.send("take them")
            for number in [SIGTERM, SIGUSR1, SIGALRM, realTime, realTime + 1] {
                try program.waitFor("signal \(number)\n")
            }
            try device.trigger()
            try program.waitFor("generation 2\n")
            program.signal(SIGINT)
            #expect(try program.exitCode() == 0, "\(program.text)")
        }

        /// The names of a program's threads.
        private static func threads(of program: RunningProgram) -> Set<String> {
            let folder = "/proc/\(program.processID)/task"
            let threads = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            return Set(threads.compactMap { try? String(contentsOfFile: "\(folder)/\($0)/comm", encoding: .utf8) })
        }
    }
}
