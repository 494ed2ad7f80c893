/// Whom something is counted for that is limited.
///
/// A user id alone is no person: who has a range of subordinate ids, or root's powers in a container, has as many as he
/// likes.
public struct Account: RawRepresentable, Hashable, Sendable {
    /// The kind in the highest byte, so that none is 0.
    public let rawValue: UInt64

    /// A user, by the id in the daemon's user namespace.
    public static func user(_ id: UInt32) -> Account { Account(.user, UInt64(id)) }

    /// All who live in a user namespace that root has made, by its number: see namespaces(7).
    public static func namespace(_ number: UInt32) -> Account { Account(.namespace, UInt64(number)) }

    /// All who live in a control group.
    public static func controlGroup(_ path: some Sequence<UInt8>) -> Account {
        Account(.controlGroup, Digest.fnv1a(path) & valueMask)
    }

    /// Who administers the system. Nothing but the limit of all stops it.
    public static let privileged = Account(.privileged, 0)

    /// An account that a predecessor has written down; nil where it is none.
    public init?(rawValue: UInt64) {
        let value = rawValue & Self.valueMask
        switch Kind(rawValue: UInt8(rawValue >> Self.valueBits)) {
        case .user?, .namespace?: guard value <= UInt64(UInt32.max) else { return nil }
        case .controlGroup?: break
        case .privileged?: guard value == 0 else { return nil }
        case nil: return nil
        }
        self.rawValue = rawValue
    }

    /// Whether it stands for a control group.
    public var isControlGroup: Bool { rawValue >> Self.valueBits == UInt64(Kind.controlGroup.rawValue) }

    private enum Kind: UInt8 {
        case user = 1
        case namespace, controlGroup, privileged
    }

    private static let valueBits: UInt64 = 56
    private static let valueMask: UInt64 = 1 << valueBits - 1

    private init(_ kind: Kind, _ value: UInt64) {
        rawValue = UInt64(kind.rawValue) << Self.valueBits | value
    }
}
