internal import SysGenIDCore
internal import SysGenIDSystem

/// The backend of hardware: looks at the sources of an identity whenever something gives reason to, and at an
/// interval where one may change without a word. The identities decide, the one of the best source that can be read.
struct WatchingBackend: Backend {
    /// The source that decides at the start.
    let name: String
    private let lineup: Lineup
    /// How often to look at what may have changed without a word, in nanoseconds.
    private let interval: UInt64

    /// - Parameter interval: in milliseconds.
    init(_ lineup: Lineup, interval: CInt) {
        self.lineup = lineup
        self.interval = UInt64(interval) * 1_000_000
        name = zip(lineup.names, lineup.refusals).first { $0.1 == nil }?.0 ?? Arbiter.noSource
    }

    var hasPutOff: Bool { lineup.hasPutOff }

    func run(
        until stop: borrowing EventSignal, lookingAgainAt prompt: borrowing EventSignal,
        rehearse: (Identity) -> Void, report: (BackendReport) -> Recognition?
    ) {
        var lineup = lineup
        let names = lineup.names
        var arbiter = Arbiter(names)
        var clock = ClockReports()
        let triggers = Triggers()
        let others = [stop.descriptor.rawValue, prompt.descriptor.rawValue] + triggers.descriptors
        let (end, again, triggered) = (0, 1, 2..<others.count)
        let sources = lineup.indices.map { (index: $0, place: others.count + $0) }
        var wakers = PollSet(others + sources.map { _ in nil })
        var isPrompted = true
        var readings = [Reading?](repeating: nil, count: sources.count)
        var shortWays = ShortWays(sourceCount: sources.count)
        var rehearsal = Rehearsal(after: Self.timeOfStart)
        while true {
            let now = MonotonicClock.now()
            let isBeginning = lineup.hasPutOff
            lineup.look(isPrompted: isPrompted, by: arbiter.speaker, now: now, into: &readings)
            clock.begin(lineup.hostClock, report)
            var wasResumed = false
            arbiter.take(readings, now: now, isBeginning: isBeginning) { news in
                let recognition = report(news)
                if recognition == .resumed { wasResumed = true }
                return recognition
            }
            clock.end(wasResumed: wasResumed, isUndecided: arbiter.isUndecided, report)
            isPrompted = arbiter.isUndecided
            if isPrompted { continue }
            for (index, place) in sources {
                wakers[place] = lineup.announcer(of: index)
                shortWays.prepare(for: index, isAnnouncing: wakers[place] != nil, by: arbiter)
            }
            guard wakers.wait(until: rehearsal.earlier(lineup.nextLook(every: interval))) else {
                if rehearsal.isDue() {
                    lineup.rehearse()
                    Self.rehearse(rehearse)
                }
                continue
            }
            if let announcer = wakers.onlyReady.map({ $0 - others.count }), announcer >= 0,
                let news = shortWays.news(announcedBy: announcer, lineup), case let now = MonotonicClock.now(),
                !arbiter.isDue(at: now)
            {
                Self.report(news, to: &arbiter, &clock, &readings, names, now, report)
                isPrompted = arbiter.isUndecided
                lineup.noteAnnouncement(of: announcer)
                continue
            }
            if wakers.isReady(end) { return }
            if wakers.isReady(again), prompt.clear() {
                lineup.tryAllAgain()
                isPrompted = true
            }
            if triggered.contains(where: wakers.isReady), triggers.take() { isPrompted = true }
            for (index, place) in sources where wakers.isReady(place) { lineup.noteAnnouncement(of: index) }
        }
    }

    /// Reports what came by the short way, and tells the arbiter of it then.
    private static func report(
        _ news: ShortWays.News, to arbiter: inout Arbiter, _ clock: inout ClockReports, _ readings: inout [Reading?],
        _ names: [String], _ now: UInt64, _ report: (BackendReport) -> Recognition?
    ) {
        if let hostClock = news.sighting.clock { clock.begin(hostClock, report) }
        let identity = BackendReport.identity(news.sighting.identity, by: names[news.index])
        let recognition = report(identity)
        for index in readings.indices { readings[index] = nil }
        readings[news.index] = .identity(news.sighting.identity)
        // At the same moment: nothing has become due since that comes before a report.
        arbiter.take(readings, now: now) { $0 == identity ? recognition : report($0) }
        clock.end(wasResumed: recognition == .resumed, isUndecided: arbiter.isUndecided, report)
    }
}
