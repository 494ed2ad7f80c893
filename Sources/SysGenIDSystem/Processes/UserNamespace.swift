internal import CSysGenID
internal import Glibc
internal import SystemPackage

/// A user namespace, by its name, as "user:[4026531837]". See namespaces(7) and user_namespaces(7).
struct UserNamespace: Hashable, Sendable {
    /// The characters, with zeros behind them.
    private let name: SIMD4<UInt64>

    /// That of this process; nil where /proc does not show it.
    static var own: UserNamespace? { ownName.value { UserNamespace(path: "/proc/self/ns/user") } }

    private static let ownName = LastingFact<UserNamespace>()

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

    /// The namespace right below this process's own in which another one lies, and who has made it.
    struct Outermost: Hashable {
        /// A user in this process's own namespace; the overflow id where it has none for him.
        var owner: UInt32
        /// The number of the namespace, which is its own as long as anybody lives there.
        var number: UInt32
    }

    /// Looks upwards from the namespace of a thread; nil where the thread is gone or may not be looked at, or its
    /// namespace lies elsewhere. See ioctl_ns(2).
    static func outermost(of thread: Int32) -> Outermost? {
        guard let own = ownNumber.value(readOwnNumber), var place = try? openFile(path(of: thread), .readOnly)
        else { return nil }
        for _ in 0..<nestingLimit {
            guard let parent = parent(of: place), let number = number(of: place) else { return nil }
            if Self.number(of: parent) == own { return owner(of: place).map { Outermost(owner: $0, number: number) } }
            place = parent
        }
        return nil
    }

    /// So deep they can lie at most, and one more. See user_namespaces(7).
    private static let nestingLimit = 33

    private static func parent(of namespace: borrowing OwnedDescriptor) -> OwnedDescriptor? {
        // NS_GET_PARENT
        guard let number = try? namespace.control(0xb702, 0) else { return nil }
        return OwnedDescriptor(owning: number)
    }

    private static func owner(of namespace: borrowing OwnedDescriptor) -> UInt32? {
        var owner: UInt32 = 0
        // NS_GET_OWNER_UID
        return csysgenid_ioctl_pointer(namespace.rawValue, 0xb704, &owner) == 0 ? owner : nil
    }

    private static func number(of namespace: borrowing OwnedDescriptor) -> UInt32? {
        var status = stat()
        return fstat(namespace.rawValue, &status) == 0 ? UInt32(truncatingIfNeeded: status.st_ino) : nil
    }

    private static let ownNumber = LastingFact<UInt32>()

    private static func readOwnNumber() -> UInt32? {
        var status = stat()
        return stat("/proc/self/ns/user", &status) == 0 ? UInt32(truncatingIfNeeded: status.st_ino) : nil
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
