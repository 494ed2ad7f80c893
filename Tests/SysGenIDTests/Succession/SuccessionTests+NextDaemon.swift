import SysGenIDSystem
import SystemPackage
import Testing

@testable import SysGenID

// When another daemon serves the device, in this process and in the child of a fork(2).

// MARK: The next daemon

extension SuccessionTests {
    static let losing: [Line] = [(taking, .clear), (.done, .ask)]

    @Test(arguments: [(first, .nothing), (second, .change(second))] as [(Generation, Succession.Outcome)])
    func whatItsDeviceShowsSaysWhetherThereWasAChange(_ shown: Generation, _ outcome: Succession.Outcome) {
        var succession = Self.connected()
        expect(&succession, Self.losing + Self.connecting(showing: shown, after: .found(.gone)))
        #expect(!succession.isConnected)
        expect(&succession, [(.done, .end(outcome))])
        #expect(succession.isConnected && succession.last == shown)
    }

    @Test func whereNothingShowsItTheDeviceIsAsked() {
        let table: [(event: Succession.Event, steps: [Succession.Step])] = [
            (.done, [.end(.nothing)]),
            (.failed(Self.failure(.acknowledge, .invalidArgument)), [.fail(Self.unmappable)]),
            (.failed(Self.gone), [.disconnect(.lookAtOnce), .end(.nothing)]),
        ]
        for (event, steps) in table {
            var succession = Self.connected()
            let proving = Self.connecting(showing: nil, after: .found(.gone)) + [(.done, .prove(Self.first))]
            expect(&succession, Self.losing + proving)
            expect(&succession, [(event, steps[0])] + steps.dropFirst().map { (.done, $0) })
        }
    }

    @Test func whoMayNotAskIsToldThatItIsNotKnown() {
        for shown in [Self.first, nil] {
            var succession = Self.connected(shown == nil ? .readWrite : .readOnly, showing: shown)
            let access = shown == nil ? Succession.Access.readWrite : .readOnly
            let table =
                Self.connecting(access, showing: nil, after: .found(.gone)) + [(.done, .fail(Self.unmappable))]
            expect(&succession, Self.losing + table)
        }
    }

    @Test func aDeviceThatIsAwayIsLookedForLater() {
        var succession = Self.connected()
        let away = Self.failure(.open, .noSuchFileOrDirectory)
        let table: [Line] = [
            (.found(.gone), .open(.readWrite)), (.failed(away), .disconnect(.lookLater)), (.done, .end(.nothing)),
            (Self.taking, .clear),
        ]
        expect(&succession, Self.losing + table)
        expect(&succession, Self.connecting(showing: Self.second) + [(.done, .end(.change(Self.second)))])
    }

    @Test func onlyWhoWaitsForTheDeviceIsOpenedWithoutOne() {
        let errors: [(Errno, isAwaited: Bool)] = [
            (.noSuchFileOrDirectory, true), (.socketNotConnected, true), (.isDirectory, true),
            (.permissionDenied, false),
        ]
        for (errno, isAwaited) in errors {
            for waitsForDevice in [false, true] {
                var succession = Self.succession(for: .readWrite, waitsForDevice: waitsForDevice)
                let failure = Self.failure(.open, errno)
                let isLater = waitsForDevice && isAwaited
                let table: [Line] = [
                    (Self.opening, .open(.readWrite)),
                    (.failed(failure), .disconnect(isLater ? .lookLater : .fail(failure))),
                    (.done, isLater ? .end(.nothing) : .fail(failure)),
                ]
                expect(&succession, table)
            }
        }
    }

    /// Nobody knows what was before.
    @Test func theFirstDeviceOfOneThatWaitedIsAChange() {
        var succession = Self.succession(waitsForDevice: true)
        let absent = Self.failure(.open, .noSuchFileOrDirectory)
        let table: [Line] = [
            (Self.opening, .open(.readWrite)), (.failed(absent), .disconnect(.lookLater)), (.done, .end(.nothing)),
            (Self.taking, .clear),
        ]
        expect(&succession, table)
        expect(&succession, Self.connecting(showing: Self.first) + [(.done, .end(.change(Self.first)))])
    }
}

// MARK: In the child of a fork

extension SuccessionTests {
    static let takingInChild = Succession.Event.called(.take(inChild: true))

    @Test func theChildIsToldOfAChangeByAWatcherOfItsOwn() {
        var succession = Self.connected()
        let leaving: [Line] = [(Self.takingInChild, .leaveParent), (.done, .clear)]
        expect(&succession, leaving + Self.connecting(showing: Self.first))
        expect(&succession, [(.done, .end(.change(Self.first)))])
        expect(&succession, [(Self.taking, .clear), (.done, .ask), (.found(.upToDate), .end(.nothing))])
        expect(&succession, [(Self.acknowledging(Self.first), .acknowledge(Self.first)), (.done, .end(.acknowledged))])
    }

    @Test func itIsOwedTheChangeUntilThereIsADevice() {
        var succession = Self.connected()
        let away = Self.failure(.open, .noSuchFileOrDirectory)
        let table: [Line] = [
            (Self.takingInChild, .leaveParent), (.done, .clear), (.done, .open(.readWrite)),
            (.failed(away), .disconnect(.lookLater)), (.done, .end(.nothing)), (Self.taking, .clear),
        ]
        expect(&succession, table)
        expect(&succession, Self.connecting(showing: nil) + [(.done, .prove(Self.first))])
        expect(&succession, [(.done, .end(.change(Self.first)))])
    }

    @Test func oneThatCannotLeaveItsParentTriesAgain() {
        var succession = Self.connected()
        let failure = Self.failure(.open, .tooManyOpenFiles)
        for _ in 0..<2 {
            expect(&succession, [(Self.takingInChild, .leaveParent), (.failed(failure), .fail(failure))])
        }
    }
}
