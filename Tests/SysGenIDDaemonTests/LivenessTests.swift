import SysGenIDSystem
import Testing

@testable import SysGenIDDaemon

/// Which threads are stuck. The patience is 10 here; the moments are in the same unit.
struct LivenessTests {
    /// One look: what the thread does at a moment, and for how long it is told to be stuck.
    typealias Look = (now: UInt64, activity: Activity.State, stuckFor: UInt64?)

    private func check(_ looks: [Look]) {
        var liveness = Liveness(patience: 10)
        for look in looks {
            let found = liveness.check([("session", look.activity)], now: look.now)
            #expect(found.map(\.duration) == [look.stuckFor].compactMap(\.self), "at \(look.now)")
        }
    }

    @Test func aThreadThatTakesLongerThanThePatienceForOneRequestIsStuck() {
        check([
            (100, .working(since: 95), nil), (105, .working(since: 95), nil), (106, .working(since: 95), 11),
            (120, .working(since: 95), 25), (130, .waiting(lastBack: 125), nil), (140, .working(since: 139), nil),
        ])
    }

    @Test func aThreadThatWorksAllTheTimeOnOneRequestAfterTheOtherIsNot() {
        check((0..<20).map { (100 + 10 * $0, .working(since: 95 + 10 * $0), nil) })
    }

    @Test func aThreadThatWaitsAndAnswersIsNot() {
        check((0..<20).map { (100 + 20 * $0, .waiting(lastBack: 81 + 20 * $0), nil) })
    }

    @Test func aThreadThatWaitsForLongIsAskedFirst() {
        check([(1_000, .waiting(lastBack: 1), nil), (1_007, .waiting(lastBack: 1_001), nil)])
    }

    @Test func aThreadThatWaitsAndDoesNotAnswerIsStuck() {
        check([
            (100, .waiting(lastBack: 99), nil), (107, .waiting(lastBack: 99), nil), (111, .waiting(lastBack: 99), 11),
            (118, .waiting(lastBack: 99), 18), (125, .waiting(lastBack: 119), nil),
        ])
    }

    @Test func anAnswerOfTheSameMomentIsOne() {
        check([(100, .waiting(lastBack: 90), nil), (111, .waiting(lastBack: 100), nil)])
    }

    @Test func workBetweenTwoWaitsIsAnAnswer() {
        check([
            (100, .waiting(lastBack: 90), nil), (107, .working(since: 106), nil), (115, .waiting(lastBack: 108), nil),
        ])
    }

    @Test func whatAThreadHasBegunSinceIsNew() {
        check([(100, .working(since: 105), nil), (100, .waiting(lastBack: 105), nil)])
    }

    @Test func eachThreadIsLookedAtByItself() {
        var liveness = Liveness(patience: 10)
        let found = liveness.check(
            [
                ("counter-file", .working(since: 1)), ("page-cache", .waiting(lastBack: 1)),
                ("backend", .working(since: 95)),
            ],
            now: 100)
        #expect(found == [.init(name: "counter-file", isWorking: true, duration: 99)])
    }

    @Test func theDurationIsToldInSeconds() {
        let stuck = Liveness.Stuck(name: "counter-file", isWorking: true, duration: 10_480_000_000)
        #expect(stuck.description == "the thread counter-file has been busy with one request for 10.4 s")
        let silent = Liveness.Stuck(name: "page-cache", isWorking: false, duration: 500_000_000)
        #expect(silent.description == "the thread page-cache has not answered for 0.5 s")
    }
}
