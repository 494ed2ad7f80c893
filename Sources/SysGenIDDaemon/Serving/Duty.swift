/// Something that the main thread has to do again and again, and what makes it due.
struct Duty: Hashable {
    enum Name: Hashable {
        case signals, connectionEnd, directoryEnd, place, deadline, change, attributes, page, record, entropy, report
    }

    enum Occasion: Hashable {
        case readable(CInt)
        /// See `PollSet.awaitExceptions`.
        case exceptional(CInt)
        case tick
    }

    /// Whether its descriptor makes it due again after it was done.
    enum Rest: Hashable {
        case none, untilWoken, forever
    }

    let name: Name
    /// Nil where only ticks make it due.
    let descriptor: CInt?
    let isCalledByExceptions: Bool
    let isDueAtTicks: Bool
    let rest: Rest

    /// - Parameter occasions: one descriptor at most, and ticks.
    init(_ name: Name, when occasions: Occasion..., thenRest rest: Rest = .none) {
        self.name = name
        descriptor = occasions.lazy.compactMap(\.descriptor).first
        isCalledByExceptions = occasions.contains(where: \.isException)
        isDueAtTicks = occasions.contains(.tick)
        self.rest = rest
    }
}

extension Duty.Occasion {
    fileprivate var descriptor: CInt? {
        switch self {
        case .readable(let descriptor), .exceptional(let descriptor): descriptor
        case .tick: nil
        }
    }

    fileprivate var isException: Bool { if case .exceptional = self { true } else { false } }
}

/// A moment that comes again and again.
struct Ticks {
    private var last: UInt64
    private let interval: () -> UInt64

    /// - Parameters:
    ///   - now: of the monotonic clock, in nanoseconds.
    ///   - interval: from one tick to the next; it is asked each time.
    init(from now: UInt64, every interval: @escaping () -> UInt64) {
        last = now
        self.interval = interval
    }

    var next: UInt64 { last + interval() }

    /// Whether it has come. The next one is counted from now on then: what was missed is not made up for.
    mutating func take(at now: UInt64) -> Bool {
        guard now >= next else { return false }
        last = now
        return true
    }
}
