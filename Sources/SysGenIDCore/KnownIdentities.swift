/// The identities that the system was last seen with, one for each domain: the same system is known by several
/// where it has several sources, and each is compared with its own past.
public struct KnownIdentities: Hashable, Sendable, ExpressibleByArrayLiteral {
    /// How many domains are remembered; another one takes the place of the oldest.
    public static let limit = 3

    /// The identities, that of the domain which was added first in front.
    public private(set) var all: [Identity] = []

    public init(arrayLiteral identities: Identity...) {
        self.init(identities)
    }

    public init(_ identities: some Sequence<Identity> = EmptyCollection()) {
        all.reserveCapacity(Self.limit)
        identities.forEach { remember($0) }
    }

    /// The identity of the domain; nil where none is known.
    public subscript(domain: Identity.Domain) -> Identity? {
        all.first { $0.domain == domain }
    }

    /// Remembers the identity in the place of the one that is known of its domain.
    public mutating func remember(_ identity: Identity) {
        if let place = all.firstIndex(where: { $0.domain == identity.domain }) {
            all[place] = identity
        } else {
            if all.count == Self.limit { all.removeFirst() }
            all.append(identity)
        }
    }

    /// Remembers the identity alone.
    mutating func rememberOnly(_ identity: Identity) {
        all.removeAll(keepingCapacity: true)
        all.append(identity)
    }

    /// What the system is known as by the identity.
    public func recognition(of seen: Identity) -> Recognition {
        guard let known = self[seen.domain] else { return .adopted }
        return seen.isNews(after: known) ? .resumed : .known
    }

    /// Whether the identity is not known.
    func isNews(_ identity: Identity) -> Bool {
        self[identity.domain].map(identity.isNews(after:)) ?? true
    }
}

/// What a system is known as by an identity that it has now.
public enum Recognition: Hashable, Sendable {
    /// The one that it was.
    case known
    /// Nothing was known in this domain: the identity is remembered, and is no resume.
    case adopted
    /// Another one than before: it was resumed.
    case resumed
}
