import SysGenID
import SysGenIDSystem
import Testing

@testable import SysGenIDOverseer

@Suite("Readiness")
struct ReadinessTests {
    private let a = Hook("10-a")
    private let b = Hook("20-b")

    @Test("the generation that is found is adopted when the watchers know it, and no hook is run")
    func adopting() throws {
        var driven = Driven()
        #expect(driven.take(.served(true)) == [])
        #expect(driven.take(.shown(.init(7))) == [.awaitWatchers(.init(7))])
        #expect(driven.readiness.view.state == .starting)
        #expect(driven.take(.watchersOutdated(.init(7), processes: ["12 nginx"])) == [])
        #expect(driven.readiness.view.waitingFor == ["process 12 nginx"])
        #expect(driven.take(.watchersUpToDate(.init(7), WatcherCount(all: 3, tracked: 2))) == [])
        let proof = try #require(driven.readiness.view.proof)
        #expect(proof.cause == .start && proof.generation == .init(7) && proof.watchers.tracked == 2)
    }

    @Test("a change: what is published, hooks of changed, watchers, hooks of ready, ready")
    func change() throws {
        var driven = Driven.ready()
        #expect(driven.take(.shown(.init(6))) == [.learn(.init(6))])
        #expect(driven.readiness.view.state == .changed)
        #expect(driven.readiness.view.waitingFor == ["reseed"])
        driven.wait(milliseconds: 5)
        #expect(driven.take(.learned(.init(6), PublishedReseed(6))) == [.list(.changed)])
        #expect(driven.take(.listed(.changed, [a, b])) == [.run(a, .changed, .init(6), .resume)])
        #expect(driven.readiness.view.waitingFor == ["hook 10-a"])
        driven.wait(milliseconds: 30)
        #expect(driven.take(.hookEnded(status: 0)) == [.run(b, .changed, .init(6), .resume)])
        #expect(driven.take(.hookEnded(status: 0)) == [.awaitWatchers(.init(6))])
        #expect(driven.take(.watchersUpToDate(.init(6), WatcherCount())) == [.list(.ready)])
        #expect(driven.take(.listed(.ready, [a])) == [.run(a, .ready, .init(6), .resume)])
        #expect(driven.readiness.view.proof == nil)
        driven.wait(milliseconds: 10)
        #expect(driven.take(.hookEnded(status: 0)) == [])
        let proof = try #require(driven.readiness.view.proof)
        #expect(proof.milliseconds == 45 && proof.cause == .resume && proof.reseed == Reseed(PublishedReseed(6)))
        #expect(proof.hooks.map(\.name) == ["10-a", "20-b", "10-a"])
        #expect(proof.hooks.map(\.milliseconds) == [30, 0, 10])
        #expect(driven.readiness.nextMoment == nil)
    }

    @Test("who triggers brings no reseed, and an old one is not his")
    func trigger() throws {
        var driven = Driven.ready()
        _ = driven.take(.shown(.init(6)))
        _ = driven.take(.learned(.init(6), PublishedReseed(5)))
        #expect(driven.readiness.change?.cause == .trigger && driven.readiness.change?.reseed == nil)
    }

    @Test("where nothing is published in time, or the kernel has not taken the reseed, the system is not ready")
    func notReseeded() {
        var driven = Driven.ready()
        _ = driven.take(.shown(.init(6)))
        driven.wait(milliseconds: 10_000)
        #expect(driven.take(.timePassed) == [.list(.failed)])
        guard case .notReseeded? = driven.readiness.failure else { return #expect(Bool(false)) }

        driven = .ready()
        _ = driven.take(.shown(.init(6)))
        #expect(
            driven.take(.learned(.init(6), PublishedReseed(6, isTaken: false, remark: "EPERM"))) == [.list(.failed)])
        #expect(driven.readiness.failure == .notReseeded(remark: "EPERM"))
        // Another change by a trigger brings no reseed either, and the one that was due has not been taken.
        _ = driven.take(.listed(.failed, []))
        _ = driven.take(.shown(.init(7)))
        _ = driven.take(.learned(.init(7), PublishedReseed(6, isTaken: false, remark: "EPERM")))
        #expect(driven.readiness.failure == .notReseeded(remark: "EPERM"))
    }

    @Test("a change while a hook runs ends it, and begins anew when it is gone")
    func changeMeanwhile() {
        var driven = Driven.ready()
        #expect(driven.change(to: 6, [a, b]) == [.run(a, .changed, .init(6), .trigger)])
        #expect(driven.take(.shown(.init(7))) == [.endHook, .learn(.init(7))])
        #expect(driven.take(.learned(.init(7), nil)) == [])
        // Another one comes before it is gone: it is not ended twice.
        #expect(driven.take(.shown(.init(8))) == [.learn(.init(8))])
        #expect(driven.take(.learned(.init(7), nil)) == [], "it is another generation")
        #expect(driven.take(.learned(.init(8), nil)) == [])
        #expect(driven.take(.hookEnded(status: 137)) == [.list(.changed)])
        #expect(driven.take(.listed(.changed, [a])) == [.run(a, .changed, .init(8), .trigger)])
        #expect(driven.take(.hookEnded(status: 0)) == [.awaitWatchers(.init(8))])
        #expect(driven.take(.watchersUpToDate(.init(6), WatcherCount())) == [], "it is another generation")
        #expect(driven.readiness.view.state == .changed)
    }

    @Test("what a change was not done for, the next one is done for")
    func coalescing() {
        var driven = Driven.ready()
        _ = driven.take(.shown(.init(6)))
        _ = driven.take(.learned(.init(6), PublishedReseed(6)))
        _ = driven.take(.listed(.changed, [a]))
        _ = driven.take(.shown(.init(7)))
        _ = driven.take(.hookEnded(status: 137))
        // sysgenidd goes on to publish the last reseed.
        #expect(driven.take(.learned(.init(7), PublishedReseed(6))) == [.list(.changed)])
        #expect(driven.take(.listed(.changed, [a])) == [.run(a, .changed, .init(7), .resume)])
        #expect(driven.readiness.change?.reseed?.generation == .init(6))
        // The same where the overseer has never seen the one between.
        driven = .ready()
        _ = driven.take(.shown(.init(9)))
        _ = driven.take(.learned(.init(9), PublishedReseed(7)))
        #expect(driven.readiness.change?.cause == .resume)
    }

    @Test("a hook that fails is the end of the phase, and the hooks of failed run, whatever they do")
    func failing() {
        for status: Int32? in [1, 137, nil] {
            var driven = Driven.ready()
            _ = driven.change(to: 6, [a, b])
            #expect(driven.take(.hookEnded(status: status)) == [.list(.failed)])
            #expect(driven.readiness.view.state == .failed)
            #expect(driven.take(.listed(.failed, [a, b])) == [.run(a, .failed, .init(6), .trigger)])
            #expect(driven.take(.hookEnded(status: 1)) == [.run(b, .failed, .init(6), .trigger)])
            #expect(driven.take(.hookEnded(status: 1)) == [])
            #expect(driven.readiness.stage == .failed)
            guard case .hook(let result)? = driven.readiness.failure else { return #expect(Bool(false)) }
            #expect(result.name == "10-a" && result.status == status && result.phase == .changed)
            // The next change is another chance.
            #expect(driven.change(to: 7, []) == [.awaitWatchers(.init(7))])
            #expect(driven.readiness.failure == nil)
        }
    }

    @Test("a hook that must not be run fails without being run")
    func refused() {
        var driven = Driven.ready()
        #expect(driven.change(to: 6, [Hook("10-a", objection: "why"), b]) == [.list(.failed)])
        driven = .ready()
        #expect(
            driven.change(to: 6, [Hook("10-a.optional", objection: "why"), b]) == [
                .run(b, .changed, .init(6), .trigger)
            ])
    }

    @Test("an optional hook is only told of")
    func optional() {
        var driven = Driven.ready()
        let optional = Hook("10-a.optional")
        _ = driven.change(to: 6, [optional, b])
        #expect(driven.take(.hookEnded(status: 3)) == [.run(b, .changed, .init(6), .trigger)])
        #expect(driven.take(.hookEnded(status: 0)) == [.awaitWatchers(.init(6))])
        #expect(driven.readiness.change?.hooks.map(\.outcome) == [.failed, .succeeded])
    }

    @Test("when the time of the phase is over the hook is ended, and named")
    func deadline() {
        var driven = Driven.ready()
        _ = driven.change(to: 6, [a, b])
        driven.wait(milliseconds: 4_000)
        #expect(driven.take(.hookEnded(status: 0)) == [.run(b, .changed, .init(6), .trigger)])
        #expect(driven.readiness.nextMoment == driven.now + 6_000_000_000, "it is one for all of the phase")
        driven.wait(milliseconds: 6_000)
        #expect(driven.take(.timePassed) == [.endHook])
        #expect(driven.readiness.failure == .tooLate(hook: "20-b", milliseconds: 10_000))
        #expect(driven.readiness.view.state == .failed)
        #expect(driven.take(.hookEnded(status: 137)) == [.list(.failed)])
        #expect(driven.take(.listed(.failed, [a])) == [.run(a, .failed, .init(6), .trigger)])
        driven.wait(milliseconds: 10_000)
        #expect(driven.take(.timePassed) == [.endHook])
        #expect(driven.take(.hookEnded(status: 137)) == [])
        #expect(driven.readiness.stage == .failed)
    }

    @Test("where only optional hooks are late, the watchers are looked at all the same")
    func optionalIsLate() {
        var driven = Driven.ready()
        _ = driven.change(to: 6, [a, Hook("20-b.optional"), Hook("30-c.optional")])
        _ = driven.take(.hookEnded(status: 0))
        driven.wait(milliseconds: 10_000)
        #expect(driven.take(.timePassed) == [.endHook])
        #expect(driven.take(.hookEnded(status: 137)) == [.awaitWatchers(.init(6))])
        driven.wait(milliseconds: 1_000)
        #expect(driven.take(.timePassed) == [.list(.failed)])
        #expect(driven.readiness.failure == .watchersOutdated(processes: ["unknown"]))
        // One that is needed and was not come to.
        driven = .ready()
        _ = driven.change(to: 6, [Hook("10-a.optional"), b])
        driven.wait(milliseconds: 10_000)
        #expect(driven.take(.timePassed) == [.endHook])
        #expect(driven.readiness.failure == .tooLate(hook: "20-b", milliseconds: 10_000))
    }

    @Test("an ended hook that does not go away is one that is late, and no hook runs beside it")
    func stuck() {
        var driven = Driven.ready()
        _ = driven.change(to: 6, [Hook("10-a.optional")])
        _ = driven.take(.shown(.init(7)))
        _ = driven.take(.learned(.init(7), nil))
        driven.wait(milliseconds: 10_000)
        #expect(driven.take(.timePassed) == [])
        #expect(driven.readiness.failure == .tooLate(hook: "10-a.optional", milliseconds: 10_000))
        #expect(driven.readiness.view.waitingFor == ["hook 10-a.optional"])
        driven.wait(milliseconds: 10_000)
        #expect(driven.take(.timePassed) == [])
        #expect(driven.take(.hookEnded(status: 137)) == [])
        #expect(driven.readiness.stage == .failed)
    }

    @Test("watchers that are outdated when the time is over are named")
    func watchers() {
        var driven = Driven.ready()
        #expect(driven.change(to: 6, []) == [.awaitWatchers(.init(6))])
        _ = driven.take(.watchersOutdated(.init(6), processes: ["12 nginx", "13 sshd"]))
        #expect(driven.readiness.view.waitingFor == ["process 12 nginx", "process 13 sshd"])
        driven.wait(milliseconds: 10_000)
        #expect(driven.take(.timePassed) == [.list(.failed)])
        #expect(driven.readiness.failure == .watchersOutdated(processes: ["12 nginx", "13 sshd"]))
        #expect(driven.take(.watchersUpToDate(.init(6), WatcherCount())) == [], "it is too late")
    }

    @Test("a generation may be on the other side of where the counter starts again")
    func wrapping() {
        let cases: [(UInt32, UInt32, UInt32, Bool)] = [
            (6, 5, 6, true), (5, 5, 6, false), (7, 5, 6, false), (1, .max, 1, true), (.max, .max, 1, false),
            (.max, .max - 1, 1, true), (2, .max - 1, 1, false), (1, .max - 1, 1, true),
        ]
        for (generation, since, last, isAfter) in cases {
            #expect(Generation(generation).isAfter(.init(since), upTo: .init(last)) == isAfter)
        }
    }
}
