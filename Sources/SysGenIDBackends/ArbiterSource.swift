internal import SysGenIDCore

extension Arbiter {
    /// One source, as its last reading leaves it.
    struct Source {
        let name: String
        /// What was read last, where it could be read.
        private(set) var identity: Identity?
        /// When it was another than before, or was there for the first time.
        private(set) var newsMoment: UInt64 = 0
        private(set) var standing = Standing.absent

        init(_ name: String) { self.name = name }

        var canDecide: Bool { standing == .well }
        var isKernelLog: Bool { identity?.domain == .kernelLog }
    }
}

extension Arbiter.Source {
    enum Standing: Int, CaseIterable {
        /// It was not read yet.
        case absent
        case well, failing
        /// Its identity stayed the same when the system was resumed: it is not believed any more.
        case refuted, refutedFailing

        var isFailing: Bool {
            switch self {
            case .failing, .refutedFailing: true
            case .absent, .well, .refuted: false
            }
        }
    }

    /// What a reading says of its source.
    enum Look: CaseIterable {
        case failure
        /// One by which a source is not believed again: the same, or another VM generation ID, since memory that is the
        /// wrong one stays it.
        case identity
        /// Another counter than before, which one host may leave alone and the next keep.
        case change
    }

    enum News { case readable, unreadable }

    struct Outcome {
        let standing: Standing
        let news: News?

        init(_ standing: Standing, _ news: News? = nil) { (self.standing, self.news) = (standing, news) }
    }

    struct Row {
        let standing: Standing
        let failure, identity, change: Outcome

        init(_ standing: Standing, failure: Outcome, identity: Outcome, change: Outcome) {
            (self.standing, self.failure, self.identity, self.change) = (standing, failure, identity, change)
        }
    }

    /// What becomes of a source by what is read of it, and what is told of that: a row for each way to stand, in their
    /// order.
    static let table: [Row] = [
        Row(.absent, failure: .init(.failing, .unreadable), identity: .init(.well), change: .init(.well)),
        Row(.well, failure: .init(.failing, .unreadable), identity: .init(.well), change: .init(.well)),
        Row(.failing, failure: .init(.failing), identity: .init(.well, .readable), change: .init(.well, .readable)),
        Row(
            .refuted, failure: .init(.refutedFailing, .unreadable), identity: .init(.refuted),
            change: .init(.well, .readable)),
        Row(
            .refutedFailing, failure: .init(.refutedFailing), identity: .init(.refuted, .readable),
            change: .init(.well, .readable)),
    ]

    func outcome(of reading: Reading) -> Outcome {
        let row = Self.table[standing.rawValue]
        return switch look(reading) {
        case .failure: row.failure
        case .identity: row.identity
        case .change: row.change
        }
    }

    func look(_ reading: Reading) -> Look {
        switch reading {
        case .failure: .failure
        case .identity(let seen): seen == identity || seen.domain == .vmGenerationID ? .identity : .change
        }
    }

    /// - Returns: what is to be reported.
    mutating func take(_ reading: Reading, now: UInt64) -> BackendReport? {
        let outcome = outcome(of: reading)
        defer { standing = outcome.standing }
        switch reading {
        case .failure(let reason):
            return outcome.news == .unreadable ? .unreadable("\(name): \(reason)") : nil
        case .identity(let seen):
            if seen != identity || standing.isFailing { newsMoment = now }
            identity = seen
            return outcome.news == .readable ? .readable(name) : nil
        }
    }

    /// Whether it begins to be one that can decide, or ends to be it.
    func isChangingHands(_ reading: Reading?) -> Bool {
        guard let reading else { return false }
        return (outcome(of: reading).standing == .well) != canDecide
    }

    /// Whether it has shown nothing new, neither before the kernel's line nor after it.
    func isUnmoved(by line: UInt64) -> Bool {
        canDecide && !isKernelLog && newsMoment + Arbiter.settlingTime < line
    }

    mutating func refute() { standing = .refuted }
}
