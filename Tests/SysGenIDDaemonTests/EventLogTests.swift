import Foundation
import Logging
import SysGenIDFuse
import SysGenIDSystem
import Testing

@testable import SysGenIDDaemon

struct EventLogTests {
    /// Keeps what is logged.
    private final class Lines: Sendable {
        let all = Lock<[String]>([])
    }

    private struct Keeper: LogHandler {
        let lines: Lines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.info

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            lines.all.withLock { $0.append("\(event.level): \(event.message)") }
        }
    }

    /// libfuse complains of each.
    private func makeSessionInVain() {
        #expect(throws: SessionFailure.refusedByLibrary) {
            try Session(
                characterDevice: FileOperations(), named: String(repeating: "n", count: 5_000),
                connection: try openFile("/dev/null", .readWrite))
        }
    }

    @Test func whatLibfuseSaysIsToldOnceASecondWithACount() throws {
        let lines = Lines()
        let events = EventLog(Logger(label: "test") { _ in Keeper(lines: lines) })
        LibraryLog.redirect { events.report($0) }
        let begin = Date()
        for _ in 1...100 { makeSessionInVain() }
        let told = lines.all.withLock { $0 }
        #expect(told.first?.hasPrefix("warning: libfuse: cuse: dev_info") == true, "\(told)")
        #expect(told.count <= 1 + Int(Date().timeIntervalSince(begin)))
        usleep(1_100_000)
        makeSessionInVain()
        let last = try #require(lines.all.withLock { $0.last })
        #expect(last.hasSuffix(" times more before)"), "\(last)")
    }
}
