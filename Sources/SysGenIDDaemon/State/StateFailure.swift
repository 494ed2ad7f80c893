public import SysGenIDSystem

/// Why the runtime directory, or the state in it, cannot be used. The text says what to do next.
public enum StateFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The directory is locked by another daemon, with its pid where that can be read.
    case inUse(directory: String, pid: String?)
    /// Others than the daemon's user and root can write to the directory.
    case unsafeDirectory(String)
    /// Something lies where a plain file belongs, as a symbolic link.
    case notAPlainFile(String)
    /// The kernel does not tell which boot this is.
    case noBootID(String)
    /// A system call failed.
    case system(SystemCallFailure)

    public var description: String {
        switch self {
        case .inUse(let directory, let pid):
            "another sysgenidd (pid \(pid ?? "unknown")) uses \(directory): "
                + "stop it, or choose another --runtime-dir"
        case .unsafeDirectory(let directory):
            "\(directory) can be written to by others: give it to the daemon's user with mode 0755, "
                + "or choose another --runtime-dir"
        case .notAPlainFile(let path): "\(path) is not a plain file: remove it"
        case .noBootID(let path): "\(path) holds no UUID: mount the kernel's /proc there"
        case .system(let failure): "\(failure)"
        }
    }
}

extension StateFailure {
    /// The value of the body, whose failed system call is a failure of the state.
    static func wrapping<Value: ~Copyable>(
        _ body: () throws(SystemCallFailure) -> Value
    ) throws(StateFailure) -> Value {
        do {
            return try body()
        } catch {
            throw .system(error)
        }
    }
}
