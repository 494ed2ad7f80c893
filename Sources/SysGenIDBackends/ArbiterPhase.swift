extension Arbiter {
    /// What the arbiter knows by now, and what is still to come of it.
    enum Phase: Hashable {
        /// Nothing was looked at yet.
        case unlooked
        /// All that the readings say is told.
        case decided(Due)
        /// All sources have to be looked at again at once.
        case undecided(Doubt, Due)

        /// Why the readings are not enough.
        enum Doubt {
            /// There are sources whose last reading is older than what is known by now.
            case staleReadings
            /// The log has told of a resume that nobody has shown, and the others were not looked at since.
            case unexplainedLine
        }
    }

    /// What is to be done at some moment although the sources say what they said.
    enum Due: Hashable {
        case nothing
        /// The sources are checked by a line of the log, some time after that came.
        case check(line: UInt64)
        /// What the witnesses owe is forgiven; until then they may still show a resume that is counted. The sources are
        /// checked then, where a line has come.
        case settle(at: UInt64, line: UInt64?)
    }

    /// How long after the first sign of a resume the others may be late, in nanoseconds. The kernel's line was seen to
    /// come 7 to 25 ms after the identity.
    static let settlingTime: UInt64 = 10_000_000_000
}

extension Arbiter.Phase {
    var isUndecided: Bool {
        switch self {
        case .undecided: true
        case .unlooked, .decided: false
        }
    }

    /// Whether the others are looked at because of a line of the log.
    var isLineWaiting: Bool {
        switch self {
        case .undecided(.unexplainedLine, _): true
        case .unlooked, .decided, .undecided(.staleReadings, _): false
        }
    }

    /// Whether there is something to be done although the sources say what they said.
    func isDue(_ now: UInt64) -> Bool {
        switch self {
        case .unlooked, .undecided: true
        case .decided(let due): due.isPast(now)
        }
    }

    mutating func noteStaleReadings() {
        if !isUndecided { self = .undecided(.staleReadings, due) }
    }

    var due: Arbiter.Due {
        get {
            switch self {
            case .unlooked: .nothing
            case .decided(let due), .undecided(_, let due): due
            }
        }
        set {
            switch self {
            case .unlooked, .decided: self = .decided(newValue)
            case .undecided(let doubt, _): self = .undecided(doubt, newValue)
            }
        }
    }
}

extension Arbiter.Due {
    /// Whether its moment has come.
    func isPast(_ now: UInt64) -> Bool {
        switch self {
        case .nothing: false
        case .check(let line): line + Arbiter.settlingTime <= now
        case .settle(let moment, _): moment <= now
        }
    }

    /// The log has told of a resume that concerns the sources: the first such line counts until they are checked.
    func afterLine(at now: UInt64) -> Self {
        switch self {
        case .nothing: .check(line: now)
        case .settle(let moment, nil): .settle(at: moment, line: now)
        case .check, .settle: self
        }
    }

    /// A resume is counted that others may still show.
    func afterResume(at now: UInt64) -> Self {
        let line: UInt64? =
            switch self {
            case .nothing: nil
            case .check(let line): line
            case .settle(_, let line): line
            }
        return .settle(at: now + Arbiter.settlingTime, line: line)
    }

    /// It was done.
    var next: Self {
        switch self {
        case .nothing, .check, .settle(_, nil): .nothing
        case .settle(_, let line?): .check(line: line)
        }
    }
}
