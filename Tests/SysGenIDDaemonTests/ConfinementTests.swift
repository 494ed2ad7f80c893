import Glibc
import SysGenIDSandbox
import SysGenIDSystem
import SystemPackage
import Testing

@testable import SysGenIDDaemon

/// What a thread gives up when all is opened and served: here it is one of the test's own, so that nothing else does.
@Suite(.enabled(if: getuid() == 0, "needs root, who has something to give up"))
struct ConfinementTests {
    /// What is left of a thread.
    private struct Remains: Sendable {
        var thread: Int32 = 0
        var permitted: Capabilities?
        /// What mount(2) fails with.
        var mount: CInt = 0
        /// What the request to trigger fails with on a file that knows none.
        var trigger: Errno?
        var lines: [String] = []
    }

    private func confine(to namespace: MountNamespace, isDriving: Bool) throws -> Remains {
        let found = Found()
        let lines = KeptLines()
        let thread = try Thread(named: "confined") {
            Confinement.complete(namespace, isDriving: isDriving, lines.logger, restricting: .thisThread)
            found.remains.withLock { remains in
                remains.thread = Self.ownThread()
                remains.permitted = try? Capabilities.permitted(to: Self.ownThread())
                remains.mount = mount("none", "/nowhere", "none", 0, nil) == 0 ? 0 : errno
                remains.trigger = Self.trigger()
            }
        }
        thread.join()
        return found.remains.withLock { remains in
            remains.lines = lines.all
            return remains
        }
    }

    private final class Found: Sendable {
        let remains = Lock(Remains())
    }

    private static func ownThread() -> Int32 {
        let link = try? Files.linkTarget("/proc/thread-self")
        return link?.split(separator: "/").last.flatMap { Int32($0) } ?? 0
    }

    private static func trigger() -> Errno? {
        guard let zero = try? openFile("/dev/zero", .readOnly) else { return nil }
        do throws(Errno) {
            _ = try zero.control(0xe403, 0)
            return nil
        } catch {
            return error
        }
    }

    @Test func whoServesMayUnmountAndMountNothing() throws {
        let remains = try confine(to: MountNamespace(), isDriving: false)
        #expect(remains.permitted == .systemAdministration)
        #expect(remains.mount == ENOSYS)
        #expect(remains.trigger == .noFunction)
    }

    @Test func whoDrivesMayTriggerAndHasNothingToUnmount() throws {
        let remains = try confine(to: MountNamespace(), isDriving: true)
        #expect(remains.permitted == [])
        #expect(remains.mount == ENOSYS)
        #expect(remains.trigger == .inappropriateIOCTLForDevice)
    }

    @Test func whereTheMountIsElsewhereItsOwnThreadMayUnmount() throws {
        let namespace = try MountNamespace("/proc/self/ns/mnt")
        #expect(try confine(to: namespace, isDriving: false).permitted == [])
        let ofInhabitant = try namespace.perform { try? Capabilities.permitted(to: Self.ownThread()) }
        #expect(ofInhabitant == .systemAdministration)
    }

    /// As all threads of this process do but those that tests have confined.
    @Test func aThreadThatKeepsMoreThanItsPartIsNamed() throws {
        let remains = try confine(to: MountNamespace(), isDriving: false)
        let surplus = try Capabilities.permitted(to: getpid())
            .subtracting([.systemAdministration, .seeingAnyProcess, .readingAnyFile])
        try #require(!surplus.isEmpty)
        let line = "warning: thread \(getpid()) keeps capabilities: 0x\(String(surplus.rawValue, radix: 16))"
        #expect(remains.lines.contains(line), "\(remains.lines)")
        #expect(!remains.lines.contains { $0.contains("thread \(remains.thread) ") })
    }
}
