public import SysGenIDSystem

/// Why there can be no devices of containers. The text says what to do next.
public enum ContainerObstacle: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is in the place of a file of the daemon's own is something else, or somebody else's: it might be changed by
    /// others while it is used, so it is left alone.
    case foreign(String)
    /// The file does not lie in memory.
    case notInMemory(String)
    /// What a predecessor has left cannot be read.
    case damaged(HandoverDefect)
    case system(SystemCallFailure)

    public var description: String {
        switch self {
        case .foreign(let path):
            "\(path) is not a plain file of the daemon's own user: remove it, and start sysgenidd again"
        case .notInMemory(let path): "\(path) does not lie in memory: choose a --runtime-dir in a tmpfs"
        case .damaged(let defect): "\(defect)"
        case .system(let failure): "\(failure)"
        }
    }
}
