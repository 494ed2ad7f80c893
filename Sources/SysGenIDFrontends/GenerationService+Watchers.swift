internal import Synchronization
public import SysGenIDCore
import SysGenIDFuse

// What frontends ask of the device and of its watchers, and what they tell. Requests are served in steps, see `serve`.

extension GenerationService {
    /// The current generation.
    public var current: Generation { guarded.withLock { $0.registry.current } }

    /// How many watchers there are of each kind, and the generation at the same moment.
    public var snapshot: (current: Generation, census: Census) {
        guarded.withLock { ($0.registry.current, $0.registry.census) }
    }

    /// Whether the page has to be looked at closely, see `checkPage`.
    public var mayPageBeWritten: Bool { wasOpenedForWriting.load(ordering: .relaxed) }

    /// Who opened the device and has not acknowledged the current generation, some of them where there are many.
    public func outdatedOpeners(limit: Int) -> [Opener] {
        guarded.withLock { $0.registry.outdatedOpeners(limit: limit) }
    }

    /// A program opened the device. An open that a predecessor has served, and that the kernel delivers again, gets
    /// the same watcher.
    ///
    /// - Parameters:
    ///   - flags: what a successor has to know of the watcher.
    ///   - isForWriting: whether the program may map the page for writing.
    func opened(
        _ device: DeviceID = .system, by opener: Opener, for key: RequestKey, flags: WatcherState.Flags,
        isForWriting: Bool
    ) throws(Refusal) -> WatcherID {
        if isForWriting { wasOpenedForWriting.store(true, ordering: .relaxed) }
        censusSignal.raise()
        do throws(Refusal) {
            return try guarded.withLock { guarded throws(Refusal) in
                if let known = guarded.inherited.unansweredOpens.removeValue(forKey: key) { return known }
                let id = try guarded.registry.opened(by: opener, device, asClock: flags.contains(.isOfClock))
                if device != .system { guarded.containers?.opened(device, isForWriting: isForWriting) }
                if let handover, let watcher = guarded.registry.handedWatcher(id) {
                    handover.opened(id, watcher, by: key, flags: flags)
                }
                return id
            }
        } catch {
            if error == .tooManyWatchers { report(.limitReached(error)) }
            throw error
        }
    }

    /// The last descriptor of the watcher was closed.
    func closed(_ watcher: WatcherID) {
        censusSignal.raise()
        publish(
            guarded.withLock { guarded in
                let device = guarded.registry.device(of: watcher)
                let step = guarded.registry.closed(watcher)
                if let device, device != .system { guarded.releaseIfUnused(device) }
                if step.answer == .done { handover?.closed(watcher) }
                guarded.pollHandles[watcher] = nil
                return resolve(step, in: &guarded)
            })
    }

    /// A program polls: whether the watcher is outdated, nil where there is no such watcher.
    ///
    /// - Parameter isReplayed: a predecessor may have answered the poll, so that it sleeps, and nobody hears this answer.
    ///   It is told when all that was left is served.
    func polled(_ watcher: WatcherID, pollHandle: PollHandle?, isReplayed: Bool = false) -> Bool? {
        guarded.withLock { guarded in
            guard let isOutdated = guarded.registry.polled(watcher, mayBeNotified: pollHandle != nil) else {
                return nil
            }
            if let pollHandle {
                guarded.pollHandles[watcher] = pollHandle
                if !guarded.inherited.stalePolls.isEmpty { guarded.inherited.stalePolls.remove(watcher) }
                if isReplayed { guarded.inherited.stalePolls.insert(watcher) }
                handover?.polled(
                    watcher, number: pollHandle.number,
                    at: isReplayed ? nil : guarded.registry.shown(to: watcher))
            }
            return isOutdated
        }
    }

    /// A signal ended the parked request, see `Request.reportInterrupt(as:)`.
    func interrupted(_ request: RequestID) {
        handle { $0.interrupted(request) }
    }

    /// Tells of a refused trigger.
    func triggerDenied(to caller: Request.Caller) {
        report(.triggerDenied(thread: caller.thread, userID: caller.userID))
    }
}
