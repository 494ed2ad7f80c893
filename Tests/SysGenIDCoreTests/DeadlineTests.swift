import StateModel
import Testing

@testable import SysGenIDCore

struct DeadlineTests {
    var registry = GenerationRegistry()
    let overseer: WatcherID
    let outdated: WatcherID

    init() {
        outdated = registry.openOutdated(isTracked: true)
        overseer = registry.open()
    }

    private mutating func wait(_ request: RequestID, until deadline: Deadline?) -> Step {
        registry.waited(overseer, for: .tracked, until: deadline, parkingAs: request)
    }

    @Test(
        "each version has its own answer to a timeout",
        arguments: [(WatcherScope.tracked, Refusal.timedOut), (.everyOpenFile, .stillOutdated)])
    mutating func timeout(scope: WatcherScope, refusal: Refusal) {
        let step = registry.waited(overseer, for: scope, until: 10, parkingAs: 1)
        #expect(step == Step(.parked, [.armDeadline(10)]))
        #expect(registry.deadlinePassed(now: 10) == Step(.done, [.complete(1, .refused(refusal))]))
        #expect(registry.parkedCount == 0)
    }

    @Test mutating func whatMayNotWaitLongerEndsAsBySignal() {
        let reader = registry.open()
        #expect(registry.read(reader, count: 4, parkingAs: 1, atMostUntil: 20) == Step(.parked, [.armDeadline(20)]))
        #expect(registry.read(reader, count: 4, parkingAs: 2) == Step(.parked))
        for scope in [WatcherScope.tracked, .everyOpenFile] {
            let step = registry.waited(overseer, for: scope, until: 30, parkingAs: 3, atMostUntil: 10)
            #expect(step == Step(.parked, [.armDeadline(10)]))
            let end = registry.deadlinePassed(now: 10)
            #expect(end == Step(.done, [.complete(3, .refused(.interrupted)), .armDeadline(20)]))
        }
        #expect(registry.deadlinePassed(now: 20) == Step(.done, [.complete(1, .refused(.interrupted))]))
        #expect(registry.parkedCount == 1)
    }

    @Test mutating func whatWasAskedForComesFirstWhereItIsSooner() {
        for (number, limit) in [(1, 10), (2, 11)] as [(RequestID, Deadline)] {
            _ = registry.waited(overseer, for: .tracked, until: 10, parkingAs: number, atMostUntil: limit)
        }
        #expect(
            Set(registry.deadlinePassed(now: 10).effects) == [
                .complete(1, .refused(.timedOut)), .complete(2, .refused(.timedOut)),
            ])
    }

    @Test mutating func aWaitForEverArmsNothing() {
        #expect(wait(1, until: nil) == Step(.parked))
        #expect(registry.deadlinePassed(now: .init(rawValue: .max)) == Step(.done))
        #expect(registry.parkedCount == 1)
    }

    @Test mutating func onlyAnEarlierDeadlineIsArmed() {
        #expect(wait(1, until: 20).armedDeadlines == [20])
        #expect(wait(2, until: 30).armedDeadlines.isEmpty)
        #expect(wait(3, until: 20).armedDeadlines.isEmpty)
        #expect(wait(4, until: 10).armedDeadlines == [10])
    }

    @Test mutating func theNextDeadlineIsArmedWhenOneHasPassed() {
        _ = wait(1, until: 10)
        _ = wait(2, until: 30)
        _ = wait(3, until: 20)
        _ = wait(4, until: nil)
        let step = registry.deadlinePassed(now: 10)
        #expect(step.completions == [1: .refused(.timedOut)])
        #expect(step.armedDeadlines == [20])
        let last = registry.deadlinePassed(now: 35)
        #expect(last.completions == [2: .refused(.timedOut), 3: .refused(.timedOut)])
        #expect(last.armedDeadlines.isEmpty)
        #expect(registry.parkedCount == 1)
    }

    @Test mutating func aTimerThatIsEarlyIsArmedAgain() {
        _ = wait(1, until: 10)
        #expect(registry.deadlinePassed(now: 9) == Step(.done, [.armDeadline(10)]))
        #expect(registry.parkedCount == 1)
    }

    @Test mutating func aTimerThatIsLateStillEndsTheWait() {
        _ = wait(1, until: 10)
        #expect(registry.deadlinePassed(now: 1_000).completions == [1: .refused(.timedOut)])
    }

    @Test mutating func aLaterDeadlineIsArmedAfterTheEarlierWaitWasInterrupted() {
        _ = wait(1, until: 10)
        _ = registry.interrupted(1)
        #expect(wait(2, until: 30).answer == .parked)
        // The timer of the first wait is still set; it leads to the second's.
        #expect(registry.deadlinePassed(now: 10).armedDeadlines == [30])
    }

    @Test mutating func aDeadlineIsArmedAnewAfterAChange() {
        _ = wait(1, until: 10)
        registry.bump()
        _ = registry.acknowledge(overseer)
        #expect(wait(2, until: 30) == Step(.parked, [.armDeadline(30)]))
    }

    @Test mutating func aWaitThatWasDoneInTimeDoesNotTimeOut() {
        _ = wait(1, until: 10)
        #expect(registry.acknowledge(outdated).completions == [1: .done])
        #expect(registry.deadlinePassed(now: 10) == Step(.done))
    }
}
