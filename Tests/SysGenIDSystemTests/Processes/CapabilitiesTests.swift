import Glibc
import SysGenIDSystem
import Testing

/// Giving up capabilities. They are a thread's own, so each test takes a thread for it.
@Suite(.enabled(if: getuid() == 0, "needs root, which has capabilities to give up"))
struct CapabilitiesTests {
    /// What /proc says of a thread that has begun with these capabilities and done something.
    private func status(
        keeping kept: Capabilities?, after work: @escaping @Sendable () -> Void = {}
    ) throws -> [String: String] {
        let text = Text()
        let thread = try Thread(named: "confined", keeping: kept) {
            work()
            let bytes = (try? Files.read("/proc/thread-self/status")) ?? []
            text.contents.withLock { $0 = String(decoding: bytes, as: UTF8.self) }
        }
        thread.join()
        let pairs = text.contents.withLock(\.self).split(separator: "\n").map { $0.split(separator: ":\t") }
        return Dictionary(uniqueKeysWithValues: pairs.filter { $0.count == 2 }.map { ("\($0[0])", "\($0[1])") })
    }

    private final class Text: Sendable {
        let contents = Lock("")
    }

    @Test func aThreadKeepsWhatItIsTold() throws {
        let status = try status(keeping: [.systemAdministration, .seeingAnyProcess])
        for name in ["CapPrm", "CapEff"] { #expect(status[name] == "0000000000280000") }
        for name in ["CapInh", "CapAmb"] { #expect(status[name] == "0000000000000000") }
    }

    @Test func whatWasGivenUpDoesNotComeBack() throws {
        let status = try status(keeping: []) {
            try? Capabilities.keepOnly([.systemAdministration, .readingAnyFile])
        }
        #expect(status["CapPrm"] == "0000000000000000")
        #expect(status["CapEff"] == "0000000000000000")
    }

    @Test func otherThreadsKeepWhatTheyHave() throws {
        let before = try Capabilities.permitted(to: getpid())
        _ = try status(keeping: [])
        #expect(try Capabilities.permitted(to: getpid()) == before)
        #expect(!before.isEmpty)
    }

    @Test func theCapabilitiesOfAThreadThatIsGoneCannotBeTold() {
        #expect(throws: SystemCallFailure.self) { try Capabilities.effective(of: .max) }
    }
}
