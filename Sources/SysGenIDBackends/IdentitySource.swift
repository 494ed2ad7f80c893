internal import SysGenIDCore

/// A place where the system's identity can be read, again and again.
protocol IdentitySource: AnyObject, Sendable {
    /// The identity as it is now. It never waits.
    func identity() throws(SourceFailure) -> Identity

    /// The identity, and what it was read with.
    func sighting() throws(SourceFailure) -> Sighting

    /// The same, where it may be that the descriptor was found readable, so that nobody has to ask whether it is.
    func sighting(isAnnounced: Bool) throws(SourceFailure) -> Sighting

    /// What it shows, where that is another identity than the one that was seen last: the first look at a resume, without
    /// anything that can be done after that. Another look follows in any case, and says why where it cannot be read.
    func news(since seen: Identity) -> Sighting?

    /// A descriptor that becomes readable with each change of the identity, so that nobody has to look before; nil
    /// where it may change without a word. To be asked for before each wait.
    var pollDescriptor: CInt? { get }

    /// Does what it does when the identity has changed, with one that nobody has.
    func rehearse()

    /// Where it is, as far as that is not the same on each machine, in a few words.
    var place: String? { get }
}

extension IdentitySource {
    var pollDescriptor: CInt? { nil }
    var place: String? { nil }
    func rehearse() { _ = news(since: Identity(domain: .vmGenerationID, high: 0, low: 0)) }

    func news(since seen: Identity) -> Sighting? {
        guard let sighting = try? sighting(), sighting.identity != seen else { return nil }
        return sighting
    }

    func sighting() throws(SourceFailure) -> Sighting { Sighting(identity: try identity()) }
    func sighting(isAnnounced: Bool) throws(SourceFailure) -> Sighting { try sighting() }
}

/// What a source shows at one moment.
struct Sighting: Hashable {
    var identity: Identity
    /// The hypervisor's clock, where the source has one.
    var clock: HostClock?
}

/// What one look at a source found.
enum Reading: Hashable {
    case identity(Identity)
    /// Why it cannot be read, in one line.
    case failure(String)
}

/// Why a source cannot be used or read, in one line that names what was tried and, where there is something
/// to do, the remedy.
struct SourceFailure: Error, Hashable, Sendable, CustomStringConvertible {
    var reason: UnusableReason
    var description: String
    /// Whether this is what a glance shows: a closer look may find the source.
    var isProvisional: Bool

    init(_ reason: UnusableReason, _ description: String, isProvisional: Bool = false) {
        self.reason = reason
        self.description = description
        self.isProvisional = isProvisional
    }
}

/// A source that a machine may have.
struct SourceCandidate: Sendable {
    /// The name on the command line and in the published attributes.
    let name: String
    /// What is read, in a few words.
    let remark: String
    /// How long a reading is good as long as nothing gives reason to look, in nanoseconds.
    var patience: UInt64 = 0
    /// Opens the source; it fails where the machine has none.
    let open: @Sendable (Look) throws(SourceFailure) -> any IdentitySource
    /// Does what takes the privilege of the start, where the source is opened later.
    var prepare: @Sendable () -> Void = {}

    /// How closely it is looked for.
    enum Look {
        /// Without what takes long, since clients wait. What it does not find is looked for again when they are served.
        case glance
        case whole
    }
}
