internal import CSysGenID
internal import Glibc
internal import SystemPackage

/// A user namespace, by its name, as "user:[4026531837]". See namespaces(7) and user_namespaces(7).
struct UserNamespace: Hashable, Sendable {
    /// The characters, with zeros behind them.
    private let name: SIMD4<UInt64>

    /// That of this process; nil where /proc does not show it.
    static let own = UserNamespace(path: "/proc/self/ns/user")

    /// That of a thread; nil where the thread is gone or may not be looked at.
    ///
    /// - Parameter thread: its id in this process's pid namespace.
    init?(of thread: Int32) {
        self.init(path: Self.path(of: thread))
    }

    /// What an open link says at present; nil when its thread is gone.
    init?(link: borrowing OwnedDescriptor) {
        let descriptor = link.rawValue
        self.init { readlinkat(descriptor, "", $0, $1) }
    }

    /// The link by which a thread shows its namespace; nil where the thread is gone or may not be looked at.
    static func link(of thread: Int32) -> OwnedDescriptor? {
        let number = csysgenid_open_link(path(of: thread))
        return number < 0 ? nil : OwnedDescriptor(owning: number)
    }

    private static func path(of thread: Int32) -> String { "/proc/\(thread)/ns/user" }

    private init?(path: String) {
        self.init { readlink(path, $0, $1) }
    }

    /// The link is not followed: for that the kernel makes an inode each time, which takes several times as long.
    private init?(_ readLink: (UnsafeMutablePointer<CChar>, Int) -> Int) {
        var name = SIMD4<UInt64>.zero
        let capacity = MemoryLayout.size(ofValue: name)
        let length = withUnsafeMutableBytes(of: &name) { text in
            readLink(text.bindMemory(to: CChar.self).baseAddress!, capacity)
        }
        // What fills it may be longer.
        guard (1..<capacity).contains(length) else { return nil }
        self.name = name
    }
}
