internal import SysGenIDCore

/// What is known of one numbering of identities, by whichever of its sources is read at present.
///
/// All witnesses see the same resumes, though not in the same moment: the host may write one identity later than the
/// other, and the kernel logs its line last. The first that shows a resume has it counted, and the others owe it.
struct Witness {
    let domain: Identity.Domain
    /// What it showed last.
    private(set) var seen: Identity
    /// How many resumes that are counted it may still show.
    private var owed = 0
    /// Whether one of its sources can be read.
    var isHeard = true
    /// Whether the registry knows what was seen.
    private(set) var isRemembered = true
    /// Whether it could not be read before this look, so that what it shows is as new as anything.
    var isBack = false
    /// Whether it has shown a resume, and so is read from the right place.
    private(set) var hasShownResume = false

    private static let owedLimit = 8

    init(_ seen: Identity) {
        domain = seen.domain
        self.seen = seen
    }

    /// Whether what it shows next belongs to a resume that is counted already.
    var isOwing: Bool { owed > 0 }

    /// Whether what was seen is to be told to the registry, which would take it for the past of what is still to come.
    var isToBeRemembered: Bool { isHeard && !isOwing && !isRemembered }

    /// Another witness has shown a resume first, over which the registry forgets what this one says. What nobody can
    /// read is compared with nothing when it comes back.
    mutating func owe() {
        if isHeard, !isBack { owed = min(owed + 1, Self.owedLimit) }
        isRemembered = false
    }

    /// It will not show any more what it owed.
    mutating func release() {
        owed = 0
    }

    /// It shows the identity, by another source than before or since another resume.
    mutating func show(_ identity: Identity) {
        seen = identity
        isRemembered = false
    }

    /// What it shows was told to the registry.
    mutating func noteRemembered() {
        isRemembered = true
    }

    /// What it shows is a resume, its own or one that it owed.
    mutating func noteResume() {
        owed = max(0, owed - 1)
        hasShownResume = true
    }
}
