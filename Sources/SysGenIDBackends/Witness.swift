internal import SysGenIDCore

/// What is known of one numbering of identities, by whichever of its sources is read at present.
///
/// All witnesses see the same resumes, though not in the same moment: the host may write one identity later than the
/// other, and the kernel logs its line last. The first that shows a resume has it counted, and the others owe it.
struct Witness {
    let domain: Identity.Domain
    /// What it showed last.
    private(set) var seen: Identity
    private(set) var account = Account.told
    private var presence: Presence
    /// Whether it has shown a resume, and so is read from the right place.
    private(set) var hasShownResume = false

    /// What the registry knows of it.
    enum Account: Hashable {
        /// What was seen.
        case told
        /// Nothing: it has forgotten that over a resume, or it was not told.
        case forgotten
        /// Nothing, and the witness may still show so many resumes that are counted.
        case owing(Int)
    }

    /// Whether one of its sources can be read.
    enum Presence {
        case away, here
        /// It could not before this look, so that what it shows is as new as anything.
        case back
    }

    private static let owedLimit = 8

    init(_ seen: Identity, _ presence: Presence) {
        domain = seen.domain
        self.seen = seen
        self.presence = presence
    }

    var isHeard: Bool { presence != .away }

    /// Whether what it shows next belongs to a resume that is counted already.
    var isOwing: Bool { owed > 0 }

    private var owed: Int {
        switch account {
        case .owing(let count): count
        case .told, .forgotten: 0
        }
    }

    /// Whether what was seen is to be told to the registry, which would take it for the past of what is still to come.
    var isToBeRemembered: Bool { isHeard && account == .forgotten }

    mutating func note(isHeard: Bool) {
        presence = isHeard ? (presence == .away ? .back : .here) : .away
        if !isHeard { release() }
    }

    /// Another witness has shown a resume first, over which the registry forgets what this one says. What nobody can
    /// read is compared with nothing when it comes back.
    mutating func owe() {
        account = presence == .here ? .owing(min(owed + 1, Self.owedLimit)) : .forgotten
    }

    /// It will not show any more what it owed.
    mutating func release() {
        if isOwing { account = .forgotten }
    }

    /// It shows the identity, by another source than before or since another resume.
    mutating func show(_ identity: Identity) {
        seen = identity
        if !isOwing { account = .forgotten }
    }

    /// What it shows was told to the registry.
    mutating func noteRemembered() {
        account = .told
    }

    /// What it shows is a resume, its own or one that it owed.
    mutating func noteResume() {
        if isOwing { account = owed > 1 ? .owing(owed - 1) : .forgotten }
        hasShownResume = true
    }
}
