internal import CSysGenID
internal import Glibc
internal import Synchronization
internal import SystemPackage

/// The mount namespace in which the device is mounted: this process's own, or another one, so that a daemon
/// with a namespace of its own can serve those who are not in it. See mount_namespaces(7).
public final class MountNamespace: Sendable {
    private let path: String
    private let file: OwnedDescriptor?
    /// The number of the file.
    private let number: CInt?

    /// - Parameter path: of the namespace, as /proc/1/ns/mnt; nil is this process's own.
    public init(_ path: String? = nil) throws(SystemCallFailure) {
        self.path = path ?? ""
        guard let path else {
            file = nil
            number = nil
            return
        }
        let opened = try openFile(path, .readOnly)
        number = opened.rawValue
        file = consume opened
    }

    /// Does the work in the namespace: on a thread of its own where that is another one, since a thread that
    /// shares its root and working directory with others cannot enter it. Threads that the work starts are in
    /// the namespace, too. See setns(2).
    public func perform<Value: Sendable>(_ work: @escaping @Sendable () -> Value) throws(SystemCallFailure) -> Value {
        guard let number else { return work() }
        let outcome = Outcome<Value>()
        let thread = try Thread(named: "mounts") {
            guard csysgenid_enter_mount_namespace(number) == 0 else {
                return outcome.failure.withLock { $0 = Errno(rawValue: errno) }
            }
            let value = work()
            outcome.value.withLock { $0 = value }
        }
        thread.join()
        guard let value = outcome.value.withLock({ $0 }) else {
            throw SystemCallFailure("setns", path, outcome.failure.withLock { $0 })
        }
        return value
    }

    private final class Outcome<Value: Sendable>: Sendable {
        let value = Mutex<Value?>(nil)
        let failure = Mutex(Errno.notPermitted)
    }
}
