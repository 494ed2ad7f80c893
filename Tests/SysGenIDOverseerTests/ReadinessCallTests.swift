import SysGenID
import Testing

@testable import SysGenIDOverseer

@Suite("Calls")
struct ReadinessCallTests {
    private let one = CallNumber(rawValue: 1)
    private let two = CallNumber(rawValue: 2)
    private let a = Hook("10-a")
    private let second: UInt64 = 1_000_000_000

    private func answers(_ actions: [Readiness.Action]) -> [CallNumber: Readiness.Answer] {
        var answers: [CallNumber: Readiness.Answer] = [:]
        for case .answer(let call, let answer) in actions { answers[call] = answer }
        return answers
    }

    private func isReady(_ answer: Readiness.Answer?, _ generation: UInt32) -> Bool {
        guard case .ready(let proof)? = answer else { return false }
        return proof.generation == Generation(generation)
    }

    // MARK: WaitReady

    @Test("a system that is ready says so at once, and one that is not when it is")
    func waitReady() {
        var driven = Driven.ready(with: 5)
        #expect(isReady(answers(driven.take(.waitReady(one, nil, deadline: nil)))[one], 5))
        #expect(
            driven.take(.waitReady(one, Generation(6), deadline: 20 * second)) == [], "before the change is noticed")
        _ = driven.change(to: 6, [a])
        #expect(driven.take(.waitReady(two, nil, deadline: 20 * second)) == [])
        _ = driven.take(.hookEnded(status: 0))
        _ = driven.take(.watchersUpToDate(Generation(6), WatcherCount()))
        let answers = answers(driven.take(.listed(.ready, [])))
        #expect(isReady(answers[one], 6) && isReady(answers[two], 6))
        #expect(driven.readiness.calls == [])
    }

    @Test("a device that is not served may have become another one")
    func notServed() {
        var driven = Driven.ready(with: 5)
        _ = driven.take(.served(false))
        #expect(driven.readiness.view.waitingFor == ["device"])
        #expect(driven.take(.waitReady(one, nil, deadline: nil)) == [])
        #expect(isReady(answers(driven.take(.served(true)))[one], 5))
    }

    @Test("where the page shows a change that was not told yet, nobody hears that the system is ready")
    func doubt() {
        var driven = Driven.ready(with: 5)
        _ = driven.take(.doubted(true))
        #expect(driven.readiness.view.state == .changed && driven.readiness.view.proof == nil)
        #expect(driven.take(.waitReady(one, nil, deadline: nil)) == [])
        #expect(driven.take(.shown(Generation(6))) == [.learn(Generation(6))])
        _ = driven.take(.doubted(false))
        #expect(driven.readiness.view.state == .changed)
        // It was a page that somebody had written to.
        driven = .ready(with: 5)
        _ = driven.take(.doubted(true))
        _ = driven.take(.waitReady(one, nil, deadline: nil))
        #expect(isReady(answers(driven.take(.doubted(false)))[one], 5))
    }

    @Test("a failure is told at once, whatever the hooks of failed do")
    func failure() {
        var driven = Driven.ready(with: 5)
        _ = driven.change(to: 6, [a])
        _ = driven.take(.waitReady(one, nil, deadline: nil))
        let actions = driven.take(.hookEnded(status: 1))
        let result = HookResult(
            name: "10-a", phase: .changed, isOptional: false, outcome: .failed, status: 1, milliseconds: 0)
        #expect(answers(actions) == [one: .failed(Generation(6), .hook(result))])
        #expect(answers(driven.take(.waitReady(two, nil, deadline: nil))).keys.contains(two))
        #expect(driven.take(.waitReady(two, Generation(7), deadline: nil)) == [], "the next one may be")
    }

    @Test("when its own time is over a call hears what is missing")
    func deadlines() {
        var driven = Driven.ready(with: 5)
        _ = driven.change(to: 6, [a])
        _ = driven.take(.waitReady(one, nil, deadline: 2 * second))
        #expect(driven.readiness.nextMoment == driven.now + 2 * second)
        driven.wait(milliseconds: 2_000)
        #expect(
            driven.take(.timePassed)
                == [.answer(one, .deadlineExceeded(Generation(6), waitingFor: ["hook 10-a"]))])
        #expect(driven.readiness.view.state == .changed, "it goes on without him")
        driven = .ready(with: 5)
        _ = driven.take(.waitReady(one, Generation(6), deadline: 0))
        #expect(driven.readiness.calls == [])
        var early = Driven()
        #expect(
            early.take(.waitReady(one, nil, deadline: 0))
                == [.answer(one, .deadlineExceeded(.fresh, waitingFor: ["device"]))])
    }

    @Test("who goes away is not answered, and cancels nothing for others")
    func leaving() {
        var driven = Driven.ready(with: 5)
        #expect(driven.take(.quiesce(one, deadline: nil)) == [.list(.quiesce)])
        #expect(driven.take(.listed(.quiesce, [a])) == [.run(a, .quiesce, Generation(5), .start)])
        #expect(driven.take(.quiesce(two, deadline: nil)) == [])
        #expect(driven.take(.left(one)) == [])
        #expect(Array(answers(driven.take(.hookEnded(status: 0))).keys) == [two])
        #expect(driven.readiness.view.state == .quiesced)
    }

    // MARK: Quiesce

    @Test("to quiesce runs its hooks once, and the change that follows brings the system back")
    func quiesce() {
        var driven = Driven.ready(with: 5)
        _ = driven.take(.quiesce(one, deadline: nil))
        _ = driven.take(.listed(.quiesce, [a]))
        driven.wait(milliseconds: 70)
        let result = HookResult(
            name: "10-a", phase: .quiesce, isOptional: false, outcome: .succeeded, status: 0, milliseconds: 70)
        let answer = Readiness.Answer.quiesced(Generation(5), hooks: [result], milliseconds: 70)
        #expect(driven.take(.hookEnded(status: 0)) == [.answer(one, answer)])
        #expect(driven.take(.quiesce(two, deadline: nil)) == [.answer(two, answer)])
        #expect(driven.take(.waitReady(one, nil, deadline: nil)) == [], "the clone is not let in before its change")
        _ = driven.change(to: 6, [])
        _ = driven.take(.watchersUpToDate(Generation(6), WatcherCount()))
        #expect(isReady(answers(driven.take(.listed(.ready, [])))[one], 6))
    }

    @Test("a change while the system is brought to rest goes first")
    func quiesceIsOvertaken() {
        var driven = Driven.ready(with: 5)
        _ = driven.take(.quiesce(one, deadline: nil))
        _ = driven.take(.listed(.quiesce, [a]))
        let actions = driven.take(.shown(Generation(6)))
        #expect(actions.contains(.endHook))
        #expect(answers(actions) == [one: .notQuiet(.changed, waitingFor: ["hook 10-a", "reseed"])])
        #expect(
            driven.take(.quiesce(two, deadline: nil))
                == [.answer(two, .notQuiet(.changed, waitingFor: ["hook 10-a", "reseed"]))])
    }

    @Test("the shorter of the two times counts, and what is late is named")
    func quiesceIsLate() {
        for deadline in [2 * second, 20 * second] {
            var driven = Driven.ready(with: 5)
            _ = driven.take(.quiesce(one, deadline: deadline))
            _ = driven.take(.listed(.quiesce, [a]))
            driven.wait(milliseconds: min(deadline, 10 * second) / 1_000_000)
            let milliseconds = Int(min(deadline, 10 * second) / 1_000_000)
            let failure = Failure.tooLate(hook: "10-a", milliseconds: milliseconds)
            #expect(
                driven.take(.timePassed) == [.endHook, .answer(one, .failed(Generation(5), failure))])
            #expect(driven.readiness.view.state == .failed)
        }
    }

    // MARK: Changed

    private func announcement(
        _ identity: String, minimum: UInt32 = 0, isSeenByBackend: Bool = false,
        entropy: Announcement.Entropy = .none
    ) -> Announcement {
        Announcement(identity: identity, entropy: entropy, minimum: minimum, isSeenByBackend: isSeenByBackend)
    }

    @Test("a resume that a host announces is one change, however often it is told")
    func announce() {
        var driven = Driven.ready(with: 5)
        let announcement = announcement("A", minimum: 9, entropy: .taken)
        #expect(driven.take(.announce(one, announcement, deadline: 20 * second)) == [.trigger(minimum: 9)])
        #expect(driven.take(.announce(two, announcement, deadline: 20 * second)) == [])
        #expect(driven.readiness.nextMoment == driven.now + 20 * second)
        // The device is quicker than the thread that has triggered.
        #expect(driven.take(.shown(Generation(9))) == [.learn(Generation(9))])
        #expect(driven.take(.learned(Generation(9), nil)) == [])
        #expect(driven.take(.triggered(Generation(9), remark: "")) == [.learn(Generation(9))])
        #expect(driven.take(.learned(Generation(9), nil)) == [.list(.changed)])
        #expect(driven.readiness.change?.cause == .announced)
        #expect(driven.readiness.change?.reseed?.sources == ["host"])
        _ = driven.take(.listed(.changed, []))
        _ = driven.take(.watchersUpToDate(Generation(9), WatcherCount()))
        let answers = answers(driven.take(.listed(.ready, [])))
        #expect(isReady(answers[one], 9) && isReady(answers[two], 9))
        // Later, and with another announcement.
        #expect(isReady(self.answers(driven.take(.announce(one, announcement, deadline: nil)))[one], 9))
        #expect(driven.take(.announce(one, self.announcement("B"), deadline: nil)) == [.trigger(minimum: 0)])
    }

    @Test("the same resume seen by a backend before is no second change")
    func claimedLater() {
        for (milliseconds, minimum, isOne) in [(9_999, 6, true), (10_001, 0, false), (0, 7, false)]
            as [(UInt64, UInt32, Bool)]
        {
            var driven = Driven.ready(with: 5)
            _ = driven.take(.shown(Generation(6)))
            _ = driven.take(.learned(Generation(6), PublishedReseed(6)))
            driven.wait(milliseconds: milliseconds)
            let call = announcement("A", minimum: minimum, isSeenByBackend: true)
            #expect(driven.take(.announce(one, call, deadline: 20 * second)) == [])
            #expect((driven.readiness.announcements.generation(of: "A") == Generation(6)) == isOne)
            // It is claimed once.
            let other = announcement("B", isSeenByBackend: true)
            _ = driven.take(.announce(two, other, deadline: 20 * second))
            if isOne { #expect(driven.readiness.announcements.isPending("B")) }
        }
    }

    @Test("a backend is given time to see it, and else the change is made")
    func claimedSooner() {
        let call = announcement("A", isSeenByBackend: true)
        var driven = Driven.ready(with: 5)
        #expect(driven.take(.announce(one, call, deadline: 20 * second)) == [])
        #expect(driven.readiness.nextMoment == driven.now + second)
        driven.wait(milliseconds: 500)
        _ = driven.take(.shown(Generation(6)))
        driven.wait(milliseconds: 600)
        #expect(driven.take(.timePassed) == [], "it is not known yet what the change is")
        #expect(driven.take(.learned(Generation(6), PublishedReseed(6))) == [.list(.changed)])
        #expect(driven.readiness.announcements.generation(of: "A") == Generation(6))
        #expect(driven.take(.timePassed) == [])
        #expect(driven.readiness.change?.cause == .resume)

        driven = .ready(with: 5)
        _ = driven.take(.announce(one, call, deadline: 20 * second))
        driven.wait(milliseconds: 1_000)
        #expect(driven.take(.timePassed) == [.trigger(minimum: 0)])
        #expect(driven.take(.timePassed) == [])
        #expect(driven.take(.triggered(nil, remark: "no device")) == [.answer(one, .notServed("no device"))])
        #expect(driven.readiness.calls == [])
        // It may be announced again.
        _ = driven.take(.announce(one, call, deadline: 20 * second))
        #expect(driven.readiness.announcements.isPending("A"))
    }

    @Test("a host's bytes that the kernel does not take are no reseed, unless sysgenidd has one")
    func entropy() {
        let reseed = Reseed(PublishedReseed(6))
        #expect(Reseed(nil, and: .none, for: Generation(6)) == nil)
        #expect(Reseed(reseed, and: .none, for: Generation(6)) == reseed)
        #expect(Reseed(reseed, and: .refused("why"), for: Generation(6)) == reseed)
        #expect(Reseed(reseed, and: .taken, for: Generation(6))?.sources == ["identity", "host"])
        #expect(Reseed(nil, and: .refused("why"), for: Generation(6))?.isTaken == false)
        let failed = Reseed(PublishedReseed(6, isTaken: false))
        #expect(Reseed(failed, and: .taken, for: Generation(6))?.isTaken == true)
        #expect(Reseed(failed, and: .none, for: Generation(6)) == failed)
    }

    @Test("only so many resumes are remembered, the last ones")
    func limits() {
        var announcements = Announcements()
        for number in 0..<40 {
            _ = announcements.add(announcement("\(number)"), grace: 0, now: 0)
            _ = announcements.nextTrigger(now: 0)
            _ = announcements.noteTrigger(Generation(UInt32(number)))
        }
        #expect(announcements.known.map(\.identity) == (24..<40).map(String.init))
        #expect(announcements.pending == [])
    }
}
