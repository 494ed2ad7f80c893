import SysGenIDSystem
import Testing

@testable import SysGenIDDaemon

/// When the duties of the main thread are due.
struct DutyTests {
    /// A rota whose clock stands at a moment that the test says. Its waits end at once, since its ticks are long over by the
    /// clock of the machine.
    private final class Clock {
        var now: UInt64 = 1_000
        var interval: UInt64 = 100
        var readings = 0

        func rota(_ duties: [Duty]) -> Rota {
            Rota(duties, Ticks(from: now) { self.interval }) {
                self.readings += 1
                return self.now
            }
        }
    }

    private func round(_ rota: inout Rota) -> [Rota.Due] {
        rota.wait()
        var all: [Rota.Due] = []
        while let due = rota.next() { all.append(due) }
        return all
    }

    private func due(_ name: Duty.Name, called isCalled: Bool = true) -> Rota.Due {
        Rota.Due(name: name, isCalled: isCalled)
    }

    @Test(
        arguments: [
            (Duty(.page, when: .tick), nil, false, true),
            (Duty(.signals, when: .readable(3)), 3, false, false),
            (Duty(.place, when: .exceptional(4)), 4, true, false),
            (Duty(.attributes, when: .readable(5), .tick), 5, false, true),
            (Duty(.attributes, when: .tick, .readable(5)), 5, false, true),
        ] as [(Duty, CInt?, Bool, Bool)])
    func whatMakesItDue(_ duty: Duty, _ descriptor: CInt?, _ isCalledByExceptions: Bool, _ isDueAtTicks: Bool) {
        #expect(duty.descriptor == descriptor)
        #expect(duty.isCalledByExceptions == isCalledByExceptions)
        #expect(duty.isDueAtTicks == isDueAtTicks)
        #expect(duty.rest == .none)
    }

    @Test func ticksComeAtTheirIntervalAndAreNotMadeUpFor() {
        var interval: UInt64 = 100
        var ticks = Ticks(from: 1_000) { interval }
        #expect(ticks.next == 1_100)
        let looks: [(now: UInt64, interval: UInt64, isTick: Bool, next: UInt64)] = [
            (1_000, 100, false, 1_100), (1_099, 100, false, 1_100), (1_100, 100, true, 1_200),
            (1_150, 100, false, 1_200), (1_450, 100, true, 1_550), (1_500, 100, false, 1_550),
            (1_500, 40, true, 1_540), (1_540, 500, false, 2_000), (2_000, 500, true, 2_500),
        ]
        for look in looks {
            interval = look.interval
            #expect(ticks.take(at: look.now) == look.isTick, "at \(look.now)")
            #expect(ticks.next == look.next, "at \(look.now)")
        }
    }

    @Test func dutiesAreDoneInTheirOrderWhoeverCallsFirst() throws {
        let first = try EventSignal()
        let second = try EventSignal()
        let third = try EventSignal()
        var rota = Clock().rota([
            Duty(.signals, when: .readable(first.descriptor.rawValue)),
            Duty(.deadline, when: .readable(second.descriptor.rawValue)),
            Duty(.change, when: .readable(third.descriptor.rawValue)),
        ])
        #expect(round(&rota) == [])
        third.raise()
        first.raise()
        #expect(round(&rota) == [due(.signals), due(.change)])
        first.clear()
        second.raise()
        #expect(round(&rota) == [due(.deadline), due(.change)])
    }

    @Test func atATickAllIsDoneThatDependsOnIt() throws {
        let clock = Clock()
        let census = try EventSignal()
        var rota = clock.rota([
            Duty(.attributes, when: .readable(census.descriptor.rawValue), .tick), Duty(.page, when: .tick),
        ])
        #expect(round(&rota) == [])
        clock.now = 1_100
        #expect(round(&rota) == [due(.attributes, called: false), due(.page, called: false)])
        #expect(round(&rota) == [])
        census.raise()
        #expect(round(&rota) == [due(.attributes)])
        clock.now = 1_200
        #expect(round(&rota) == [due(.attributes), due(.page, called: false)])
    }

    /// What is done before may take its time.
    @Test func theClockIsReadOnceInARoundAfterWhatComesBefore() throws {
        let clock = Clock()
        let signal = try EventSignal()
        var rota = clock.rota([
            Duty(.signals, when: .readable(signal.descriptor.rawValue)), Duty(.page, when: .tick),
            Duty(.record, when: .tick),
        ])
        signal.raise()
        rota.wait()
        #expect(rota.next() == due(.signals))
        #expect(clock.readings == 0)
        clock.now = 1_100
        #expect(rota.next() == due(.page, called: false))
        clock.now = 1_150
        #expect(rota.next() == due(.record, called: false))
        #expect(rota.next() == nil)
        #expect(clock.readings == 1)
        signal.clear()
        #expect(round(&rota) == [])
    }

    @Test func aDutyThatRestsIsDueAgainWhenItWasWoken() throws {
        let change = try EventSignal()
        var rota = Clock().rota([
            Duty(.change, when: .readable(change.descriptor.rawValue), thenRest: .untilWoken)
        ])
        let wakings = [rota.wake(.change)]
        change.raise()
        let rounds = [round(&rota), round(&rota), round(&rota)]
        let later = [rota.wake(.change), rota.wake(.change)]
        #expect(rounds == [[due(.change)], [], []])
        #expect(wakings + later == [false, true, false])
        #expect(round(&rota) == [due(.change)])
    }

    @Test func aDutyThatRestsForEverIsDoneOnce() throws {
        let end = try EventSignal()
        var rota = Clock().rota([
            Duty(.directoryEnd, when: .readable(end.descriptor.rawValue), thenRest: .forever)
        ])
        end.raise()
        let rounds = [round(&rota), round(&rota)]
        let isWoken = rota.wake(.directoryEnd)
        #expect(rounds == [[due(.directoryEnd)], []])
        #expect(!isWoken)
        #expect(round(&rota) == [])
    }

    @Test func eachDescriptorOfADutyOfWhichThereAreSeveralCounts() throws {
        let first = try EventSignal()
        let second = try EventSignal()
        var rota = Clock().rota(
            [first.descriptor.rawValue, second.descriptor.rawValue].map { Duty(.connectionEnd, when: .readable($0)) })
        second.raise()
        #expect(round(&rota) == [due(.connectionEnd)])
    }
}
