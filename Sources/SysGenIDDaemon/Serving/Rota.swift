internal import SysGenIDSystem

/// The duties of a loop, in the order in which they are done, and the wait until one is due.
struct Rota {
    /// A duty that is due.
    struct Due: Hashable {
        let name: Duty.Name
        /// Whether by its descriptor; else by a tick alone.
        let isCalled: Bool
    }

    private let duties: [Duty]
    /// The descriptors of the duties that have one, each in the duty's place.
    private let places: [Int?]
    private var wakers: PollSet
    private var ticks: Ticks
    private let clock: () -> UInt64
    /// How many duties of the round were looked at.
    private var count: Int
    /// Whether there is a tick in the round; nil while no duty depends on it.
    private var isTick: Bool?

    init(_ duties: [Duty], _ ticks: Ticks, clock: @escaping () -> UInt64 = MonotonicClock.now) {
        self.duties = duties
        self.ticks = ticks
        self.clock = clock
        count = duties.count
        var numbers = (0...).makeIterator()
        places = duties.map { $0.descriptor == nil ? nil : numbers.next() }
        wakers = PollSet(duties.compactMap(\.descriptor))
        for case (let duty, let place?) in zip(duties, places) where duty.isCalledByExceptions {
            wakers.awaitExceptions(place)
        }
    }

    /// Waits until a duty is due, or a signal comes, and begins a round.
    mutating func wait() {
        _ = wakers.wait(until: ticks.next)
        (count, isTick) = (0, nil)
    }

    /// The next duty of the round that is due; nil at its end. If it is to rest it does so from then on.
    mutating func next() -> Due? {
        while count < duties.count {
            let (duty, place) = (duties[count], places[count])
            count += 1
            let isCalled = place.map { wakers.isReady($0) } ?? false
            guard duty.isDueAtTicks && hasTick() || isCalled else { continue }
            if let place, duty.rest != .none { wakers[place] = nil }
            return Due(name: duty.name, isCalled: isCalled)
        }
        return nil
    }

    /// Ends the rest of a duty.
    ///
    /// - Returns: whether it has rested.
    mutating func wake(_ name: Duty.Name) -> Bool {
        for case (let duty, let place?) in zip(duties, places) where duty.name == name && duty.rest == .untilWoken {
            guard wakers[place] == nil else { return false }
            wakers[place] = duty.descriptor
            return true
        }
        return false
    }

    /// The clock is read once in a round, when the duties before the first that depends on it are done.
    private mutating func hasTick() -> Bool {
        let isDue = isTick ?? ticks.take(at: clock())
        isTick = isDue
        return isDue
    }
}
