internal import Logging
internal import SysGenIDSandbox
internal import SysGenIDSystem

/// What the daemon gives up of the rights that it was started with.
///
/// Nothing here is a reason not to serve: what cannot be given up is told in a warning.
enum Confinement {
    /// What any thread keeps. Each of them has its part of it only.
    private static let ofAllThreads: Capabilities = [.systemAdministration, .seeingAnyProcess, .readingAnyFile]

    /// Gives up what no thread will need, while there is one only: threads inherit it.
    static func begin(_ logger: Logger) {
        guard !Surroundings.isSandboxDisabled else {
            return logger.warning("the daemon keeps all privileges: SYSGENID_DISABLE_SANDBOX is set")
        }
        for failure in Privileges.renounceFurther() { logger.warning("a privilege is kept: \(failure)") }
    }

    /// Gives up the rest, when everything is opened and served. No thread can be started after it. At the end the
    /// mount is taken away: by the thread that lives in its namespace, or by the main thread. A daemon that drives has
    /// none.
    ///
    /// - Parameters:
    ///   - isDriving: whether a device of somebody else is triggered.
    ///   - scope: which threads may make no other system calls from then on.
    static func complete(
        _ namespace: MountNamespace, isDriving: Bool, _ logger: Logger,
        restricting scope: SystemCallFilter.Scope = .allThreads
    ) {
        guard !Surroundings.isSandboxDisabled else { return }
        do throws(SystemCallFailure) {
            // Where the thread could not enter the namespace it has given up everything.
            try? namespace.keepOnlyToUnmount()
            try Capabilities.keepOnly(namespace.isOwn && !isDriving ? .systemAdministration : [])
            for thread in try OwnProcess.threads() {
                let surplus = try Capabilities.permitted(to: thread).subtracting(ofAllThreads)
                guard !surplus.isEmpty else { continue }
                logger.warning("thread \(thread) keeps capabilities: 0x\(String(surplus.rawValue, radix: 16))")
            }
        } catch {
            logger.warning("capabilities may be kept: \(error)")
        }
        do throws(FilterFailure) {
            try SystemCallFilter.load(for: scope, isDriving: isDriving)
        } catch {
            logger.warning("the daemon may make every system call: \(error)")
        }
    }
}
