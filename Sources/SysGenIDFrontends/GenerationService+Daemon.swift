public import SysGenIDCore
import SysGenIDSystem

// What the daemon tells the service: news of backends, time, the end.

extension GenerationService {
    /// A backend reports the identity that the system has now. Where that means a resume, the kernel's random
    /// pool is reseeded before anyone can learn of the change; after it, but before it is told, where the kernel has done
    /// so itself. To be called by one thread only.
    ///
    /// - Parameter backend: the name of the source that shows the identity.
    /// - Returns: what the system was known as by it.
    @discardableResult
    public func identified(_ identity: Identity, by backend: String) -> Recognition {
        let recognition = guarded.withLock { $0.registry.identities.recognition(of: identity) }
        guard recognition == .resumed else {
            handle { $0.identified(identity) }
            return recognition
        }
        let reseed = identity.isShownAfterReseed ? nil : reseeder.reseed(with: identity)
        let followUp = guarded.withLock { guarded in
            guarded.beginClock(afterResumeIn: identity.domain)
            defer { guarded.newFields = nil }
            return resolve(guarded.registry.identified(identity), in: &guarded)
        }
        publish(followUp) { .backend(backend, reseed ?? reseeder.reseed(with: identity)) }
        return recognition
    }

    /// A backend reports an identity that belongs to a change which was made already.
    public func remembered(_ identity: Identity) {
        handle { $0.remembered(identity) }
    }

    /// The deadline timer has expired.
    public func deadlinePassed() {
        deadlineTimer.clear()
        handle { $0.deadlinePassed(now: Deadline(rawValue: MonotonicClock.now())) }
    }

    /// Ends parked requests and wakes sleeping polls; from now on nobody can open the device. Pages that stay mapped show no
    /// clock, which nobody would put right.
    public func shutDown() {
        hostClockSeen(nil)
        showHostClock()
        handle { $0.shutDown() }
    }

    /// Writes the last record where it could not be written before: a successor that nothing is handed over to would
    /// begin at an older generation than clients have seen.
    public func recordAgain() {
        let isWritten = guarded.withLock { guarded in
            guard let record = guarded.unrecorded else { return false }
            return guarded.write(record, to: journal) == nil
        }
        if isWritten { report(.recordWorksAgain) }
    }

    /// Looks whether a process has written into the counter page, and puts it right. What it showed is passed over by the
    /// next change, also by one of a successor: whoever has seen it would take it for no change.
    public func checkPage() {
        let found: (seen: UInt32, current: Generation, forged: ForgedGenerations)? = guarded.withLock { guarded in
            let current = guarded.registry.current
            guard !page.holdsOnly(current.rawValue) else { return nil }
            let seen = page.load()
            page.restore(current.rawValue)
            guarded.registry.sawForged(seen)
            return (seen, current, guarded.registry.forged)
        }
        guard let found else { return checkContainers() }
        defer { checkContainers() }
        do {
            try journal.keep(found.forged)
        } catch {
            report(.recordFailed(error))
        }
        report(.pageOverwritten(seen: found.seen, generation: found.current))
    }
}

extension Identity {
    /// Whether the kernel has taken new bytes into its generator before it shows this identity: it says that it has
    /// (add_vmfork_randomness of drivers/char/random.c).
    fileprivate var isShownAfterReseed: Bool { domain == .kernelLog }
}
