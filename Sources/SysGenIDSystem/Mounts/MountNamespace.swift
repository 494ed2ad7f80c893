internal import CSysGenID
internal import Glibc
internal import SystemPackage

/// The mount namespace in which the device is mounted: this process's own, or another one, so that a daemon
/// with a namespace of its own can serve those who are not in it. See mount_namespaces(7).
public final class MountNamespace: Sendable {
    private let inhabitant: Inhabitant?

    /// - Parameter path: of the namespace, as /proc/1/ns/mnt; nil is this process's own.
    public init(_ path: String? = nil) throws(SystemCallFailure) {
        inhabitant = if let path { try Inhabitant(of: path) } else { nil }
    }

    /// Whether it is this process's own.
    public var isOwn: Bool { inhabitant == nil }

    /// Does the work in the namespace: on a thread that lives there where that is another one, since a thread that
    /// shares its root and working directory with others cannot enter it. Threads that the work starts are in
    /// the namespace, too. To be called by one thread at a time.
    public func perform<Value: Sendable>(_ work: @escaping @Sendable () -> Value) throws(SystemCallFailure) -> Value {
        guard let inhabitant else { return work() }
        let value = Box<Value>()
        try inhabitant.perform { value.content.withLock { $0 = work() } }
        return value.content.withLock { $0! }
    }

    /// Opens what reports each change of the mounts in the namespace, once, as something exceptional. It is not to be read.
    /// See proc(5), mountinfo.
    public func openChanges() throws(SystemCallFailure) -> OwnedDescriptor {
        let number = try perform {
            Result { () throws(SystemCallFailure) in try openFile(Mounts.tablePath, .readOnly).release() }
        }.get()
        return OwnedDescriptor(owning: number)
    }

    /// Takes from the thread that lives in the namespace what it does not need to unmount.
    public func keepOnlyToUnmount() throws(SystemCallFailure) {
        try inhabitant?.perform { try? Capabilities.keepOnly(.systemAdministration) }
    }

    private final class Box<Value: Sendable>: Sendable {
        let content = Lock<Value?>(nil)
    }
}

/// A thread that lives in another mount namespace. See setns(2).
private final class Inhabitant: Sendable {
    private let thread: Thread
    private let shared: Shared

    private final class Shared: Sendable {
        let hasWork: EventSignal
        let isDone: EventSignal
        let work = Lock<(@Sendable () -> Void)?>(nil)
        let failure = Lock<SystemCallFailure?>(nil)

        init() throws(SystemCallFailure) {
            hasWork = try EventSignal()
            isDone = try EventSignal()
        }

        /// Does each work that comes, until there is none where some is announced.
        func live() {
            while true {
                while !hasWork.clear() { _ = waitUntilReadable([hasWork.descriptor.rawValue]) }
                guard let work = work.withLock({ $0.take() }) else { return }
                work()
                isDone.raise()
            }
        }
    }

    init(of path: String) throws(SystemCallFailure) {
        let namespace = try NamedFile(path, .readOnly)
        let number = namespace.descriptor.rawValue
        let shared = try Shared()
        self.shared = shared
        thread = try Thread(named: "mounts") {
            let result = csysgenid_enter_mount_namespace(number)
            if result != 0 {
                let error = Errno(rawValue: errno)
                shared.failure.withLock { $0 = SystemCallFailure("setns", path, error) }
                try? Capabilities.keepOnly([])
            }
            shared.isDone.raise()
            shared.live()
        }
        waitUntilDone()
        // Until here the thread needs it open.
        _ = consume namespace
    }

    deinit {
        shared.hasWork.raise()
        thread.join()
    }

    func perform(_ work: @escaping @Sendable () -> Void) throws(SystemCallFailure) {
        if let failure = shared.failure.withLock(\.self) { throw failure }
        shared.work.withLock { $0 = work }
        shared.hasWork.raise()
        waitUntilDone()
    }

    private func waitUntilDone() {
        while !shared.isDone.clear() { _ = waitUntilReadable([shared.isDone.descriptor.rawValue]) }
    }
}
