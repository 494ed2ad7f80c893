internal import CSysGenID
internal import Glibc
internal import SystemPackage

/// A user namespace, by its number. See user_namespaces(7).
struct UserNamespace: Hashable, Sendable {
    private let number: UInt64

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
        let number = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { text in
            let length = readLink(text.baseAddress!, text.count)
            return length < 0 ? nil : Self.number(in: UnsafeRawBufferPointer(text).prefix(length))
        }
        guard let number else { return nil }
        self.number = number
    }

    /// The number of "user:[4026531837]". See namespaces(7).
    static func number(in text: some Collection<UInt8>) -> UInt64? {
        let digits = text.drop { $0 != UInt8(ascii: "[") }.dropFirst().prefix { $0 != UInt8(ascii: "]") }
        guard !digits.isEmpty, digits.endIndex != text.endIndex else { return nil }
        var number: UInt64 = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            let (product, overflows) = number.multipliedReportingOverflow(by: 10)
            let (sum, overflowsToo) = product.addingReportingOverflow(UInt64(digit - UInt8(ascii: "0")))
            guard !overflows, !overflowsToo else { return nil }
            number = sum
        }
        return number
    }
}
