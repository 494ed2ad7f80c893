import SysGenID

// From a change until all watchers know of it.

extension Readiness {
    /// How long the watchers are looked at in any case, in nanoseconds, however late the hooks were.
    static let leastLook: UInt64 = 250_000_000

    mutating func shown(_ generation: Generation, _ now: UInt64) -> [Action] {
        guard let before = change else {
            change = Change(generation: generation, cause: .start, began: now, since: generation)
            return [.awaitWatchers(generation)]
        }
        guard generation != before.generation else { return [] }
        var next = Change(generation: generation, cause: .unknown, began: now, since: before.generation)
        switch stage {
        case .starting, .quiescing, .quiesced, .ready: break
        // What is not done for the change before is to be done for this one.
        case .learning, .changing, .awaiting, .readying, .failing, .failed:
            (next.cause, next.reseed, next.since) = (before.cause, before.reseed, before.since)
        }
        (change, failure, quiescence, outdatedProcesses) = (next, nil, nil, [])
        let ending = endHook()
        enter(.learning, until: now + settings.deadline)
        return [.tell(.began(generation)), .awaitNobody] + ending + [.learn(generation)]
    }

    /// Goes on with what an overseer before this one has left: the time of a phase begins anew.
    mutating func goOn(_ now: UInt64) -> [Action] {
        guard let generation = change?.generation else { return [] }
        switch stage {
        case .quiesced, .ready, .failed: return []
        case .starting: return [.awaitWatchers(generation)]
        case .learning, .awaiting, .quiescing, .changing, .readying, .failing:
            phaseEnd = now + settings.deadline
            if stage == .learning { return [.learn(generation)] }
            if stage == .awaiting { return [.awaitWatchers(generation)] }
            return advance(now)
        }
    }

    /// Takes what is published about the generation.
    mutating func learned(_ published: PublishedReseed?, _ now: UInt64) -> [Action] {
        // While the overseer triggers, it does not know yet whether the change is its own.
        guard stage == .learning, announcements.triggering == nil, var change else { return [] }
        let generation = change.generation
        if let published, published.generation.isAfter(change.since, upTo: generation) {
            (change.cause, change.reseed) = (.resume, Reseed(published))
            if let identity = announcements.noteResume(published.generation, now: now) {
                claim(identity, published.generation)
            }
        }
        for known in announcements.known where known.generation.isAfter(change.since, upTo: generation) {
            if change.cause != .resume { change.cause = .announced }
            change.reseed = Reseed(change.reseed, and: known.entropy, for: generation)
        }
        if change.cause == .unknown { change.cause = .trigger }
        self.change = change
        let news: [Action] = [.tell(.learned(generation, change.cause))]
        if let reseed = change.reseed, !reseed.isTaken {
            return news + fail(.notReseeded(remark: reseed.remark ?? "the kernel has not taken it"), now)
        }
        enter(.changing, until: phaseEnd)
        return news + advance(now)
    }

    mutating func watchersUpToDate(_ count: WatcherCount, _ now: UInt64) -> [Action] {
        guard stage == .starting || stage == .awaiting else { return [] }
        change?.watchers = count
        outdatedProcesses = []
        guard stage == .awaiting else { return [.awaitNobody] + becomeReady(now) }
        enter(.readying, until: now + settings.deadline)
        return [.awaitNobody] + advance(now)
    }

    /// Everything is done.
    mutating func becomeReady(_ now: UInt64) -> [Action] {
        guard let change else { return [] }
        let wasStarting = stage == .starting
        enter(.ready, until: nil)
        self.change?.milliseconds = Self.milliseconds(from: change.began, until: now)
        guard !wasStarting, let proof else { return [.tell(.adopted(change.generation))] }
        return [.tell(.ready(proof))]
    }

    /// Goes over to a stage, whose hooks are not known yet.
    mutating func enter(_ stage: Stage, until end: UInt64?) {
        (self.stage, queue, phaseEnd) = (stage, nil, end)
    }

    /// nil where the system is not ready.
    var proof: Proof? {
        guard stage == .ready, let change, let milliseconds = change.milliseconds else { return nil }
        return Proof(
            generation: change.generation, cause: change.cause, reseed: change.reseed, hooks: change.hooks,
            watchers: change.watchers, milliseconds: milliseconds)
    }

    static func milliseconds(from start: UInt64, until end: UInt64) -> Int {
        start < end ? Int((end - start) / 1_000_000) : 0
    }
}

extension Generation {
    /// Whether it came after one and not after another, which may be on the other side of where the counter starts again.
    func isAfter(_ since: Generation, upTo last: Generation) -> Bool {
        since.rawValue < last.rawValue
            ? since.rawValue < rawValue && rawValue <= last.rawValue
            : since.rawValue < rawValue || rawValue <= last.rawValue
    }
}

extension Reseed {
    init(_ published: PublishedReseed) {
        self.init(
            generation: published.generation, isTaken: published.isTaken, sources: published.sources,
            remark: published.remark)
    }

    /// What was done by sysgenidd, and what a host has brought besides; nil where neither has anything.
    init?(_ other: Reseed?, and entropy: Announcement.Entropy, for generation: Generation) {
        switch (other, entropy) {
        case (nil, .none): return nil
        case (let other?, .none), (let other?, .refused): self = other
        case (nil, .refused(let remark)):
            self.init(generation: generation, isTaken: false, sources: [], remark: remark)
        case (let other?, .taken) where other.isTaken:
            self = other
            if !sources.contains(Self.host) { sources.append(Self.host) }
        case (_, .taken): self.init(generation: generation, isTaken: true, sources: [Self.host], remark: nil)
        }
    }

    private static let host = "host"
}
