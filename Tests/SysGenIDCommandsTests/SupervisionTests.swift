import SysGenID
import SysGenIDSystem
import Testing

@testable import SysGenIDCommands

@Suite("Supervision")
struct SupervisionTests {
    private let first = Generation(rawValue: 1)
    private let second = Generation(rawValue: 2)

    private func received(_ signal: Signal, ofKernel isOfKernel: Bool = false) -> ReceivedSignals.Received {
        .init(signal: signal, isOfKernel: isOfKernel)
    }

    @Test("a change is acknowledged after its signal was sent")
    func signalling() {
        var supervision = Supervision(.send(.hangUp))
        for generation in [first, second] {
            #expect(supervision.changed(to: generation) == [.look(.hangUp)])
            #expect(supervision.looked(.taken) == [.send(.hangUp), .acknowledge(generation)])
        }
        #expect(supervision.timeIsOver() == [])
        #expect(supervision.ended(.exited(code: 3)) == [.finish(3)])
    }

    @Test(
        "a signal that would end or stop the program waits until it can take it",
        arguments: [SignalOutcome.ends, .stops])
    func keepingBack(outcome: SignalOutcome) {
        var supervision = Supervision(.send(.hangUp))
        #expect(supervision.changed(to: first) == [.look(.hangUp)])
        #expect(supervision.looked(outcome) == [.tell(.hangUp, outcome), .lookAgain(milliseconds: 10)])
        #expect(supervision.timeIsOver() == [.look(.hangUp)])
        #expect(supervision.looked(outcome) == [.lookAgain(milliseconds: 20)])
        // The next change is owed instead of this one, and looked at again at once.
        #expect(supervision.changed(to: second) == [.look(.hangUp)])
        for interval: UInt32 in [10, 20, 40, 80, 160, 320, 640, 1_000, 1_000] {
            #expect(supervision.looked(outcome) == [.lookAgain(milliseconds: interval)])
        }
        #expect(supervision.looked(.taken) == [.send(.hangUp), .acknowledge(second)])
        #expect(supervision.timeIsOver() == [])
        #expect(supervision.changed(to: first) == [.look(.hangUp)])
        #expect(supervision.looked(outcome) == [.tell(.hangUp, outcome), .lookAgain(milliseconds: 10)])
        #expect(supervision.ended(.exited(code: 0)) == [.finish(0)])
    }

    /// The C library keeps back all signals in a fork(2), after which this one may end the program.
    @Test("a signal that is kept back is sent when it still is at the next look")
    func keptBack() {
        var supervision = Supervision(.send(.hangUp))
        for generation in [first, second] {
            _ = supervision.changed(to: generation)
            #expect(supervision.looked(.keptBack) == [.lookAgain(milliseconds: 10)])
            #expect(supervision.timeIsOver() == [.look(.hangUp)])
            #expect(supervision.looked(.keptBack) == [.send(.hangUp), .acknowledge(generation)])
        }
        _ = supervision.changed(to: first)
        #expect(supervision.looked(.keptBack) == [.lookAgain(milliseconds: 10)])
        #expect(supervision.looked(.ends) == [.tell(.hangUp, .ends), .lookAgain(milliseconds: 10)])
        #expect(supervision.looked(.keptBack) == [.lookAgain(milliseconds: 10)])
    }

    @Test("what does the program no harm is sent, and told once", arguments: [SignalOutcome.ignored, .unknown])
    func harmless(outcome: SignalOutcome) {
        var supervision = Supervision(.send(.hangUp))
        _ = supervision.changed(to: first)
        #expect(supervision.looked(outcome) == [.tell(.hangUp, outcome), .send(.hangUp), .acknowledge(first)])
        _ = supervision.changed(to: second)
        #expect(supervision.looked(outcome) == [.send(.hangUp), .acknowledge(second)])
    }

    @Test("nothing is told of a program that has just ended")
    func over() {
        var supervision = Supervision(.send(.hangUp))
        _ = supervision.changed(to: first)
        #expect(supervision.looked(.isOver) == [.send(.hangUp), .acknowledge(first)])
    }

    @Test("a signal that is forced is sent unseen")
    func forcing() {
        var supervision = Supervision(.force(.hangUp))
        #expect(supervision.changed(to: first) == [.send(.hangUp), .acknowledge(first)])
        #expect(supervision.timeIsOver() == [])
    }

    @Test("a change is acknowledged after the program was started anew")
    func restarting() {
        var supervision = Supervision(.restart)
        #expect(supervision.changed(to: first) == [.send(.terminate), .beginGrace])
        #expect(supervision.ended(.killed(by: .terminate)) == [.start, .acknowledge(first)])
        #expect(supervision.timeIsOver() == [])
        #expect(supervision.ended(.exited(code: 0)) == [.finish(0)])
    }

    @Test("a program that does not end in time is killed, once")
    func killing() {
        var supervision = Supervision(.restart)
        _ = supervision.changed(to: first)
        #expect(supervision.timeIsOver() == [.send(.kill)])
        #expect(supervision.ended(.killed(by: .kill)) == [.start, .acknowledge(first)])
    }

    @Test("changes that come while it ends are one restart")
    func coalescing() {
        var supervision = Supervision(.restart)
        _ = supervision.changed(to: first)
        #expect(supervision.changed(to: second) == [])
        #expect(supervision.ended(.killed(by: .terminate)) == [.start, .acknowledge(second)])
    }

    @Test("who wants it to end is not answered by a restart", arguments: [Signal.terminate, .interrupt, .quit])
    func endingWhileItRestarts(signal: Signal) {
        var supervision = Supervision(.restart)
        _ = supervision.changed(to: first)
        #expect(supervision.received(received(signal)) == [.send(signal)])
        #expect(supervision.ended(.killed(by: .terminate)) == [.finish(143)])
    }

    @Test("a program that was told to end before the change is not started again")
    func endingBeforeAChange() {
        var supervision = Supervision(.restart)
        #expect(supervision.received(received(.terminate)) == [.send(.terminate)])
        #expect(supervision.changed(to: first) == [.send(.terminate), .beginGrace])
        #expect(supervision.ended(.exited(code: 7)) == [.finish(7)])
    }

    @Test("one that goes on after an interrupt is restarted as before")
    func survivingAnInterrupt() {
        var supervision = Supervision(.restart)
        #expect(supervision.received(received(.interrupt)) == [.send(.interrupt)])
        _ = supervision.changed(to: first)
        #expect(supervision.ended(.killed(by: .terminate)) == [.start, .acknowledge(first)])
    }

    @Test("a key of the terminal has reached the program already")
    func terminal() {
        var supervision = Supervision(.restart)
        #expect(supervision.received(received(.interrupt, ofKernel: true)) == [])
        _ = supervision.changed(to: first)
        #expect(supervision.received(received(.interrupt, ofKernel: true)) == [])
        #expect(supervision.ended(.killed(by: .interrupt)) == [.finish(130)])
    }

    @Test("the status is the one that a shell has")
    func status() {
        #expect(ChildProcess.End.exited(code: 255).status == 255)
        #expect(ChildProcess.End.killed(by: .kill).status == 137)
    }
}
