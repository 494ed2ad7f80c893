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

/// What the owner of the registry has to do after an event, in the order given.
public enum Effect: Hashable, Sendable {
    /// Store this generation where clients map it, before anyone is woken.
    case publish(Generation)
    /// Store this generation where clients map the container's device, and keep it for a successor, before anyone is woken.
    case publishContainer(DeviceID, Generation)
    /// Keep this for a successor of the daemon, before anyone is woken.
    case record(Record)
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
    /// What else is to be done.
    public var effects: [Effect]

    init(_ answer: Answer, _ effects: [Effect] = []) {
        self.answer = answer
        self.effects = effects
    }

    /// The record that the effects keep for a successor; nil where they keep none.
    public var record: Record? {
        for case .record(let record) in effects { return record }
        return nil
    }

    static func refused(_ refusal: Refusal) -> Step { Step(.refused(refusal)) }
}
