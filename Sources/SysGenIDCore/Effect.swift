/// The answer to one request.
public enum Answer: Hashable, Sendable {
    /// A read returns this generation.
    case generation(Generation)
    /// The request is granted and has nothing to return.
    case done
    /// The request returns a count of watchers.
    case count(UInt32)
    /// The request is not granted.
    case refused(Refusal)
    /// No answer yet: the request waits in the registry until an effect completes it.
    case parked

    /// Whether there is no answer yet. Asked of each request: `==` would compare what the other answers hold.
    public var isParked: Bool {
        if case .parked = self { true } else { false }
    }
}

/// What the owner of the registry has to store after an event, before all else.
public enum Commit: Hashable, Sendable {
    /// The system has another generation: it is stored where clients map it, and then this is kept for a successor of the
    /// daemon. What else it brings is what `changeStored` and `pagesStored` say then.
    case change(Record)
    /// The system is known by other identities: this is kept for a successor.
    case identities(Record)

    /// What is kept.
    public var record: Record {
        switch self {
        case .change(let record), .identities(let record): record
        }
    }
}

/// What the owner of the registry has to do after an event, in the order given.
public enum Effect: Hashable, Sendable {
    /// Store this generation where clients map the container's device, and keep it for a successor, before anyone is woken.
    case publishContainer(DeviceID, Generation)
    /// Trigger the device that somebody else serves, with this minimum, and report what it has then.
    case drive(atLeast: Generation)
    /// Answer this parked request; it is parked no longer.
    case complete(RequestID, Answer)
    /// Wake the sleeping polls of this watcher.
    case notifyPoll(WatcherID)
    /// Report `deadlinePassed` when this moment has come; it replaces an earlier arrangement.
    case armDeadline(Deadline)
    /// The counter of the system's device started again at 1.
    case reportWrapAround
    /// The identity that resumes are noticed by from now on was seen for the first time.
    case reportAdoption
}

/// What must outlive the daemon.
public struct Record: Hashable, Sendable {
    public var generation: Generation
    /// The identities that the system was last seen with.
    public var identities: KnownIdentities

    public init(generation: Generation, identities: KnownIdentities = KnownIdentities()) {
        self.generation = generation
        self.identities = identities
    }
}

/// The outcome of one event.
public struct Step: Equatable, Sendable {
    /// The answer to the request that the event was, or `.done`.
    public var answer: Answer
    /// What is to be stored first; nil where that stays as it is.
    public var commit: Commit?
    /// What else is to be done.
    public var effects: [Effect]

    init(_ answer: Answer, commit: Commit? = nil, _ effects: [Effect] = []) {
        self.answer = answer
        self.commit = commit
        self.effects = effects
    }

    static func refused(_ refusal: Refusal) -> Step { Step(.refused(refusal)) }
}
