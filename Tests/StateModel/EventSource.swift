internal import SysGenIDCore

/// Chooses events that are likely to meet each other: few watchers, near deadlines, known numbers.
struct EventSource<Choices: ChoiceSource> {
    private var choices: Choices
    private var nextRequest: UInt64 = 0
    private var now: UInt64 = 1
    /// Watchers that were opened, closed ones among them.
    private var watchers: [WatcherID] = []

    init(_ choices: Choices) {
        self.choices = choices
    }

    var canGoOn: Bool { !choices.isExhausted }

    mutating func remember(_ watcher: WatcherID) {
        watchers.append(watcher)
        // Mostly watchers that are still open, and some that are gone.
        if watchers.count > 16 { watchers.removeFirst(4) }
    }

    mutating func limits() -> Limits {
        Limits(watchers: pick([1, 2, 3, 5, 8, 12, 40, 100]), parkedPerWatcher: pick(1...6))
    }

    mutating func record() -> Record {
        let generations: [UInt32] = [0, 1, 0x7fff_fffe, 0xffff_fffd]
        return Record(
            generation: Generation(rawValue: pick(generations)),
            identities: pick([[], [identity()], [identity(), identity()]]))
    }

    mutating func event(current: Generation, isLate: Bool) -> Event {
        switch pick(0..<100) {
        case 0..<12: return .open(opener())
        case 12..<18: return .close(watcher())
        case 18..<32:
            return .read(
                watcher(), count: pick([0, 3, 4, 4, 4, 4, 8]), request: pick([nil, request()]),
                limit: pick([nil, deadline()]))
        case 32..<50: return .write(watcher(), generation(near: current))
        case 50..<58: return .poll(watcher(), mayBeNotified: pick([true, true, false]))
        case 58..<66: return .track(watcher(), pick([true, true, false]))
        case 66: return .countOutdated
        case 67: return .forge(minimum(near: current))
        case 68..<84:
            return .wait(
                watcher(), pick([.tracked, .everyOpenFile]), deadline(), request(), limit: pick([nil, nil, deadline()]))
        case 84..<88: return .trigger(minimum: minimum(near: current), isPermitted: pick([true, true, false]))
        case 88..<90: return pick([.identify(identity()), .identify(identity()), .remember(identity())])
        case 90..<95: return .interrupt(RequestID(rawValue: nextRequest &- pick(0..<12)))
        case 95..<99:
            now += pick(0..<40)
            return .passTime(now: Deadline(rawValue: now))
        default: return isLate ? .shutDown : .countOutdated
        }
    }

    private mutating func opener() -> Opener {
        let accounts: [Account] = [.privileged, .user(0), .user(1_000), .user(1_001), .namespace(1_000)]
        let groups = [nil, Account.controlGroup("/a".utf8), .controlGroup("/b".utf8)]
        return Opener(thread: 1, userID: 0, account: pick(accounts), group: pick(groups))
    }

    private mutating func watcher() -> WatcherID {
        watchers.isEmpty ? WatcherID(rawValue: 0) : pick(watchers)
    }

    private mutating func request() -> RequestID {
        nextRequest += 1
        return RequestID(rawValue: nextRequest)
    }

    private mutating func deadline() -> Deadline? {
        pick([nil, Deadline(rawValue: now + pick(0..<60))])
    }

    private mutating func generation(near current: Generation) -> Generation? {
        let other = Generation(rawValue: current.rawValue &- 1)
        return pick([current, current, current, current, other, nil])
    }

    private mutating func minimum(near current: Generation) -> UInt32 {
        let value = current.rawValue
        return pick([0, 0, 0, value, value &+ 1, value &+ 3, 0x8000_0000, .max])
    }

    private mutating func identity() -> Identity {
        Identity(
            domain: pick([.vmGenerationID, .kernelLog, Identity.Domain("file:/identity")]), high: 0, low: pick(0..<3))
    }

    private mutating func pick<Choice>(_ all: [Choice]) -> Choice {
        all[choices.number(below: all.count)]
    }

    private mutating func pick<Number: FixedWidthInteger>(_ range: Range<Number>) -> Number {
        range.lowerBound + Number(choices.number(below: Int(range.upperBound - range.lowerBound)))
    }

    private mutating func pick(_ range: ClosedRange<Int>) -> Int {
        pick(range.lowerBound..<range.upperBound + 1)
    }
}
