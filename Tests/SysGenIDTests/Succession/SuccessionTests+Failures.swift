import SysGenIDSystem
import SystemPackage
import Testing

@testable import SysGenID

// Where a failure leads, by the step and by the call.

extension SuccessionTests {
    /// While a change is taken.
    @Test(
        arguments: [
            (gone, .open(.readWrite)), (failure(.open, .tooManyOpenFiles), .open(.readWrite)),
            (failure(.read, .interrupted), .end(.nothing)), (failure(.read, .wouldBlock), .end(.nothing)),
            (failure(.read, .ioError), .fail(failure(.read, .ioError))),
        ] as [(DeviceFailure, Succession.Step)])
    func whatFailsWhileAChangeIsTaken(_ failure: DeviceFailure, _ step: Succession.Step) {
        var succession = Self.connected()
        expect(&succession, Self.losing + [(.found(.outdated), .read), (.failed(failure), step)])
        succession = Self.connected(.readOnly)
        let expected = step == .open(.readWrite) ? .open(.readOnly) : step
        expect(&succession, Self.losing + [(.found(.outdated), .prepare), (.failed(failure), expected)])
    }

    @Test(arguments: [Succession.Access.readWrite, .readOnly])
    func whatFailsWhileAChangeIsAcknowledged(_ access: Succession.Access) {
        let broken = Self.failure(.acknowledge, .ioError)
        let table: [(DeviceFailure, [Succession.Step])] = [
            (Self.failure(.acknowledge, .invalidArgument), [.end(.nothing)]),
            (Self.gone, [.disconnect(.lookAtOnce), .end(.nothing)]), (broken, [.fail(broken)]),
        ]
        for (failure, steps) in table {
            var succession = Self.told(access)
            let settling = access == .readOnly ? Succession.Step.replace : .acknowledge(Self.second)
            expect(&succession, [(Self.acknowledging(Self.second), settling), (.failed(failure), steps[0])])
            expect(&succession, steps.dropFirst().map { (.done, $0) })
            #expect(succession.isConnected == (failure != Self.gone))
        }
    }

    /// It was read when it showed what is known, and then it changed once more.
    @Test func aChangeWhileAKnownOneIsAcknowledgedIsLeftToTheNextCall() {
        var succession = Self.connected()
        let settling: [Self.Line] = [(.found(.outdated), .read), (.read(Self.first), .acknowledge(Self.first))]
        expect(&succession, Self.losing + settling)
        expect(&succession, [(.failed(Self.failure(.acknowledge, .invalidArgument)), .end(.nothing))])
        let reading: [Self.Line] = [(.found(.outdated), .read), (.read(Self.second), .end(.change(Self.second)))]
        expect(&succession, Self.losing + reading)
    }

    @Test func aWatcherThatCannotBeAskedIsAFailureThatMayPass() {
        var succession = Self.connected()
        let failure = Self.failure(.waitForChange, .noMemory)
        expect(&succession, Self.losing + [(.failed(failure), .fail(failure))])
        expect(&succession, Self.losing + [(.found(.upToDate), .end(.nothing))])
    }
}
