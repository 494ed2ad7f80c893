import Synchronization
import SysGenIDCore
import SysGenIDSystem
import TestSupport
import Testing

@testable import SysGenIDBackends

/// A source that a test changes.
private final class ChangingSource: IdentitySource {
    private let now: Mutex<Result<Identity, SourceFailure>>

    init(_ number: UInt64) {
        now = Mutex(.success(Self.identity(number)))
    }

    static func identity(_ number: UInt64) -> Identity {
        Identity(domain: .vmGenerationID, high: number, low: 0)
    }

    func identity() throws(SourceFailure) -> Identity { try now.withLock { $0 }.get() }

    func set(_ number: UInt64) { now.withLock { $0 = .success(Self.identity(number)) } }
    func breakDown() { now.withLock { $0 = .failure(SourceFailure("gone")) } }
}

/// The loop of the hardware backends, with a kernel log in a plain file.
@Suite struct WatchingBackendTests {
    private let root: Scratch
    private static let forkLine = "6,1234,99887766,-;random: crng reseeded due to virtual machine fork\n"

    init() throws {
        root = try Scratch()
        try Files.makeDirectories(root.path("dev"), permissions: 0o755)
        try Files.replace(root.path("dev/kmsg"), with: Array(Self.forkLine.utf8), permissions: 0o644)
    }

    private func log(_ line: String) throws {
        let file = try openFile(root.path("dev/kmsg"), [.writeOnly, .append])
        try file.write(Array(line.utf8))
    }

    private func backend(_ source: ChangingSource) -> WatchingBackend {
        WatchingBackend(name: "test", source: source, systemRoot: root.path, interval: 10)
    }

    private func resume(_ number: UInt64) -> BackendReport { .resume(.identity(ChangingSource.identity(number))) }

    @Test func eachIdentityIsReportedOnce() throws {
        let source = ChangingSource(1)
        let running = try RunningBackend(backend(source))
        #expect(running.reports(count: 1) == [resume(1)])
        source.set(2)
        #expect(running.reports(count: 2) == [resume(1), resume(2)])
        for _ in 1...3 { try log(Self.forkLine) }
        source.set(3)
        #expect(running.reports(count: 3).count == 3)
        #expect(running.stopped() == [resume(1), resume(2), resume(3)])
    }

    @Test func theKernelsWordCountsOnlyWhereNothingCanBeRead() throws {
        let source = ChangingSource(1)
        let running = try RunningBackend(backend(source))
        _ = running.reports(count: 1)
        source.breakDown()
        #expect(running.reports(count: 2) == [resume(1), .unreadable("gone")])
        try log(Self.forkLine)
        #expect(running.reports(count: 3).last == .resume(.unidentified))
        source.set(2)
        #expect(running.reports(count: 5).suffix(2) == [.readable, resume(2)])
        #expect(running.stopped().count == 5)
    }

    @Test func whatWasLoggedBeforeOrByAnybodyElseIsNothing() throws {
        let source = ChangingSource(1)
        source.breakDown()
        let running = try RunningBackend(backend(source))
        #expect(running.reports(count: 1) == [.unreadable("gone")])
        // Facility 1 is what the kernel gives to a line that a process has written.
        try log("14,1235,99887767,-;random: crng reseeded due to virtual machine fork\n")
        try log("6,1236,99887768,-;something: random: crng reseeded due to virtual machine fork\n")
        try log(" random: crng reseeded due to virtual machine fork\n")
        try log("garbage\n,,,;\n;\n")
        try log(Self.forkLine)
        #expect(running.reports(count: 2) == [.unreadable("gone"), .resume(.unidentified)])
        #expect(running.stopped().count == 2)
    }
}
