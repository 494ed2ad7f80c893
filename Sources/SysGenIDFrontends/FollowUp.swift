import SysGenIDCore
import SysGenIDFuse
import SysGenIDSystem

/// What is left to do of a step after the lock. Most have nothing but an answer.
struct FollowUp: Sendable {
    /// Comes first.
    var publication: any Publication
    /// Whoever waits for what has changed.
    var wakeups: [Wakeup] = []
    /// How the device that somebody else serves is triggered, with which minimum.
    var drive: (minimum: Generation, driver: GenerationService.Driver)?
    /// The request that the step was; nil where it waits, or where there is none.
    var reply: (request: PendingReply, answer: Answer)?
    /// The system's new generation.
    var published: Generation?
    /// What that comes from.
    var cause: ServiceEvent.Cause?
    /// Whether any device has a new generation.
    var hasChange = false
    /// What there is to report besides the system's new generation.
    var reports: [ServiceEvent] = []

    enum Wakeup: Sendable {
        case reply(PendingReply, Answer)
        case notify(PollHandle)
    }

    init(_ publication: any Publication) {
        self.publication = publication
    }

    /// A device has a new generation, which its page shows already.
    mutating func add(_ generation: Generation, of device: DeviceID, _ guarded: inout GenerationService.Guarded) {
        hasChange = true
        publication.add { guarded.change(of: device, to: generation) }
    }

    /// Takes out what is told, to be done by itself after the rest.
    mutating func takeNews() -> FollowUp {
        var news = FollowUp(publication.emptied)
        (news.published, news.cause, news.hasChange, news.reports) = (published, cause, hasChange, reports)
        (published, cause, hasChange, reports) = (nil, nil, false, [])
        return news
    }
}
