internal import SysGenIDCore

/// One event of a random sequence.
enum Event {
    case open(Opener)
    case close(WatcherID)
    case read(WatcherID, count: Int, request: RequestID?, limit: Deadline?)
    case write(WatcherID, Generation?)
    case poll(WatcherID, mayBeNotified: Bool)
    case track(WatcherID, Bool)
    case countOutdated
    case wait(WatcherID, WatcherScope, Deadline?, RequestID, limit: Deadline?)
    case trigger(minimum: UInt32, isPermitted: Bool)
    case identify(Identity)
    case remember(Identity)
    case forge(UInt32)
    case interrupt(RequestID)
    case passTime(now: Deadline)
    case shutDown
}

/// What an event led to, in a form that the model and the registry can be compared by.
struct Outcome: Equatable {
    var answer: Answer?
    var opened: Result<WatcherID, Refusal>?
    var isReadable: Bool?
    var commit: Commit?
    var reports: [Effect] = []
    var completions: [RequestID: Answer] = [:]
    var notified: Set<WatcherID> = []
}

extension GenerationRegistry {
    /// Performs the event.
    mutating func perform(_ event: Event) -> (outcome: Outcome, effects: [Effect]) {
        var step: Step
        switch event {
        case .open(let opener):
            do throws(Refusal) {
                return (Outcome(opened: .success(try opened(by: opener))), [])
            } catch {
                return (Outcome(opened: .failure(error)), [])
            }
        case .poll(let id, let mayBeNotified):
            return (Outcome(isReadable: polled(id, mayBeNotified: mayBeNotified)), [])
        case .close(let id): step = closed(id)
        case .read(let id, let count, let request, let limit):
            step = read(id, count: count, parkingAs: request, atMostUntil: limit)
        case .write(let id, let generation): step = wrote(id, generation)
        case .track(let id, let isTracked): step = trackingChanged(id, to: isTracked)
        case .countOutdated: step = countedOutdated()
        case .wait(let id, let scope, let deadline, let request, let limit):
            step = waited(id, for: scope, until: deadline, parkingAs: request, atMostUntil: limit)
        case .trigger(let minimum, let isPermitted): step = triggered(minimum: minimum, isPermitted: isPermitted)
        case .identify(let identity): step = identified(identity)
        case .remember(let identity): step = remembered(identity)
        case .forge(let number):
            sawForged(number)
            return (Outcome(), [])
        case .interrupt(let request): step = interrupted(request)
        case .passTime(let now): step = deadlinePassed(now: now)
        case .shutDown: step = shutDown()
        }
        step = whole(step)
        var outcome = Outcome(
            answer: step.answer, commit: step.commit, completions: step.completions, notified: step.notifiedPolls)
        for effect in step.effects {
            switch effect {
            case .reportWrapAround, .reportAdoption: outcome.reports.append(effect)
            case .publishContainer, .complete, .notifyPoll, .armDeadline, .drive: break
            }
        }
        return (outcome, step.effects)
    }
}
