internal import Glibc

/// What the kernel knows of this process. See credentials(7).
public enum OwnProcess {
    /// Its number in its own pid namespace.
    public static var id: Int32 { getpid() }

    /// Whether /proc numbers processes as this process's pid namespace does. Where it is another namespace's,
    /// an entry there would be somebody else's.
    public static let seesItsNamespace = {
        var target = [CChar](repeating: 0, count: 32)
        let length = readlink("/proc/self", &target, target.count)
        return length > 0 && target.prefix(length).elementsEqual("\(getpid())".utf8.map(CChar.init))
    }()

    /// Ends it at once, as a signal would: nothing is put in order. See _exit(2).
    public static func endAtOnce(_ code: Int32) -> Never { _exit(code) }

    /// The user whose files it may write.
    public static var effectiveUserID: UInt32 { geteuid() }
}

/// Where a process writes what people read. See stdio(3); nothing is kept back in a buffer.
public enum StandardStream: CInt, Sendable {
    case output = 1
    case error = 2

    /// Writes the text. That nobody reads it is not a failure.
    public func write(_ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(rawValue, $0.baseAddress, $0.count) }
            guard count > 0 || errno == EINTR else { return }
            rest = rest.dropFirst(max(0, count))
        }
    }
}
