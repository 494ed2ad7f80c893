import SysGenIDSystem

/// What a daemon that was killed left behind.
public enum StaleMounts {
    /// Takes away dead mounts at the path, and the placeholder below them.
    ///
    /// - Returns: how many dead mounts there were.
    /// - Throws: where another daemon serves there, or one that does not answer.
    public static func clear(_ path: String, in namespace: MountNamespace) throws(FrontendFailure) -> Int {
        let outcome: Result<Int, FrontendFailure>
        do throws(SystemCallFailure) {
            outcome = try namespace.perform { Result { () throws(FrontendFailure) in try clear(path) } }
        } catch {
            throw FrontendFailure("cannot enter the mount namespace", because: error)
        }
        return try outcome.get()
    }

    /// Takes away what a killed daemon has left at another path than this one's. What is served there by somebody else
    /// stays.
    ///
    /// - Returns: how many dead mounts there were.
    public static func clearFormer(_ path: String, in namespace: MountNamespace) -> Int {
        (try? clear(path, in: namespace)) ?? 0
    }

    /// Takes away dead mounts that cover the device of somebody else.
    ///
    /// A placeholder without one stays: in another mount namespace it may be served over, and the kernel takes that mount
    /// away with the file.
    ///
    /// - Returns: how many dead mounts there were.
    public static func uncover(_ path: String, in namespace: MountNamespace) -> Int {
        let isCovered = try? namespace.perform { Mounts.isOurs(path) }
        return isCovered == true ? clearFormer(path, in: namespace) : 0
    }

    /// As `clear(_:in:)`, in this thread's namespace.
    static func clear(_ path: String) throws(FrontendFailure) -> Int {
        var cleared = 0
        while Mounts.isOurs(path) {
            switch Liveness.ofFile(path) {
            case .alive:
                throw FrontendFailure(
                    "\(path) is served by another sysgenidd: stop that one, or choose another path")
            case .silent:
                throw FrontendFailure(
                    "\(path) belongs to a daemon that does not answer: end it, or run 'umount -l \(path)'")
            case .dead:
                do throws(SystemCallFailure) {
                    try Mounts.detach(path)
                } catch {
                    throw FrontendFailure("cannot take a dead mount away", because: error)
                }
                cleared += 1
            }
        }
        Placeholder.remove(at: path)
        return cleared
    }
}

/// Whether somebody answers for a file.
enum Liveness {
    case alive, dead, silent

    /// Opens the file on a thread of its own, since a daemon that was stopped lets an open wait for ever.
    static func ofFile(_ path: String) -> Liveness {
        guard let attempt = try? OpenAttempt(path) else { return .silent }
        return attempt.outcome(milliseconds: 2_000)
    }
}

private final class OpenAttempt: Sendable {
    private let path: String
    private let failed: EventSignal
    private let opened: EventSignal

    init(_ path: String) throws(SystemCallFailure) {
        self.path = path
        failed = try EventSignal()
        opened = try EventSignal()
        _ = try Thread(named: "liveness") { [self] in
            do throws(SystemCallFailure) {
                _ = try openFile(path, [.readOnly, .nonBlocking])
                opened.raise()
            } catch {
                failed.raise()
            }
        }
    }

    func outcome(milliseconds: CInt) -> Liveness {
        let (failure, success) = (failed.descriptor.rawValue, opened.descriptor.rawValue)
        let ready = waitUntilReadable([failure, success], milliseconds: milliseconds)
        if ready.contains(success) { return .alive }
        return ready.contains(failure) ? .dead : .silent
    }
}
