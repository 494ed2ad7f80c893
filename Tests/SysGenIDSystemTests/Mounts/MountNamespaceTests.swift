import Glibc
import Testing

@testable import SysGenIDSystem

/// Working in the process's own mount namespace, and in another one.
@Suite struct MountNamespaceTests {
    @Test func theProcessesOwnNeedsNoThread() throws {
        let thread = pthread_self()
        #expect(try MountNamespace().perform { pthread_self() } == thread)
    }

    @Test(.enabled(if: geteuid() == 0, "needs root to enter a mount namespace"))
    func aNamedOneIsEnteredByAThreadOfItsOwn() throws {
        let namespace = try MountNamespace("/proc/self/ns/mnt")
        let own = "/proc/thread-self/ns/mnt"
        let (thread, number) = (pthread_self(), try Files.linkTarget(own))
        let (worker, seen) = try namespace.perform { (pthread_self(), try? Files.linkTarget(own)) }
        #expect(worker != thread)
        #expect(seen == number)
        #expect(pthread_self() == thread)
    }

    @Test func whatIsNoMountNamespaceIsRefused() throws {
        let network = try MountNamespace("/proc/self/ns/net")
        let failure = #expect(throws: SystemCallFailure.self) { try network.perform { true } }
        #expect(failure?.call == "setns")
        #expect(throws: SystemCallFailure.self) { try MountNamespace("/proc/self/ns/none") }
    }
}
