import Testing

@testable import TakeoverModel

/// All that can happen in a takeover, tried in a model of it: whatever comes when, and wherever daemons are killed.
@Suite struct TakeoverModelTests {
    /// Who takes part. All at once would be too many states for a test.
    enum Cast: CaseIterable, Sendable {
        case reader, interrupted, poller, both

        func model(_ release: Release) -> TakeoverModel {
            switch self {
            case .reader: TakeoverModel(release, clients: [.reader, .trigger])
            case .interrupted: TakeoverModel(release, clients: [.reader], signals: 1)
            case .poller: TakeoverModel(release, clients: [.poller, .trigger])
            case .both: TakeoverModel(release, clients: [.reader, .poller], isOpen: true)
            }
        }
    }

    @Test(arguments: Release.allCases, Cast.allCases)
    func whereverDaemonsAreKilledNobodyNotices(_ release: Release, _ cast: Cast) {
        let exploration = Exploration(of: cast.model(release))
        #expect(exploration.finding == nil, "\(exploration.finding.map { "\($0)" } ?? "")")
        print("takeover, kernel \(release), \(cast): \(exploration.stateCount) states")
    }

    @Test func daemonsAreKilledBeforeEachStepOfTheirs() {
        var killedBefore: Set<String> = []
        for release in Release.allCases {
            for (clients, signals) in [([.reader], 1), ([.poller], 0)] as [([ClientName], UInt8)] {
                _ = Exploration(of: TakeoverModel(release, clients: clients, signals: signals)) {
                    if $1 == .kill { killedBefore.formUnion($0.nextActions) }
                }
            }
        }
        #expect(killedBefore == Self.steps, "\(killedBefore.symmetricDifference(Self.steps))")
    }

    /// All that a thread does at once; `unlock` and the like are done together with what comes before them.
    private static let steps: Set = [
        "readMemory", "finishPage", "finishRecord", "beginToLook", "inheritPolls", "askAgain", "handle", "unserve",
        "handleInterrupt", "catchUp", "look", "number", "storePage", "storeRecord", "answer", "unpark", "notify",
        "settle", "rememberPoll", "nothing",
    ]

    @Test(arguments: Variation.all)
    func anotherOrderDoesHarm(_ variation: Variation) {
        let casts: [[ClientName]] =
            variation.part == "replay" ? [[.reader, .trigger]] : [[.trigger], [.reader], [.poller]]
        var finding: Exploration<TakeoverModel>.Finding?
        for release in Release.allCases {
            for clients in casts where finding == nil {
                finding = Exploration(of: TakeoverModel(release, clients: clients, order: variation.order)).finding
            }
        }
        let isHarmless = variation.isOnlyTheOrderOfAStart || Self.harmless.contains(variation.description)
        #expect((finding == nil) == isHarmless, "\(finding.map { "\($0)" } ?? "it does no harm")")
    }

    /// What would do as well, and why.
    private static let harmless: Set = [
        // A successor finishes page and record from the memory, in whatever order; and whoever was not woken, or not
        // answered, asks again.
        "change: entry, number, record, page, wake, answer",
        "change: entry, number, page, wake, record, answer",
        "change: entry, number, page, wake, answer, record",
        "change: entry, number, page, record, answer, wake",
        "change: entry, number, page, answer, record, wake",
        // Without what it was told of, a poll is told once more than it needs.
        "poll: number, answer",
        "poll: number, generation, answer",
        "poll: number, answer, generation",
        // No other open has the same number.
        "opening: remember, answer, unserve",
    ]
}

extension Variation {
    /// Nobody is served before a start is done: what counts is that nothing of it is left out.
    fileprivate var isOnlyTheOrderOfAStart: Bool {
        part == "takeover" && order.takeover.count == Order.real.takeover.count
    }
}
