import SysGenIDSystem
import SystemPackage
import Testing

@testable import SysGenID

/// What a watcher does one after the other, from daemon to daemon.
@Suite struct SuccessionTests {
    typealias Line = (event: Succession.Event, step: Succession.Step)

    static let first = Generation(rawValue: 1)
    static let second = Generation(rawValue: 2)
    static let opening = Succession.Event.called(.open)
    static let taking = Succession.Event.called(.take(inChild: false))
    static func acknowledging(_ generation: Generation) -> Succession.Event {
        .called(.acknowledge(generation, inChild: false))
    }

    static func succession(
        for access: Succession.Access? = nil, waitsForDevice: Bool = false
    ) -> Succession {
        Succession(
            FollowedDevice.Options(
                path: "/device", runtimeDirectory: "/run", access: access, isTracked: false,
                waitsForDevice: waitsForDevice))
    }

    static func failure(_ operation: DeviceFailure.Operation, _ errno: Errno) -> DeviceFailure {
        DeviceFailure(operation, SystemCallFailure("call", "/device", errno))
    }

    static let unmappable = DeviceFailure(
        .map, SystemCallFailure("mmap", "/device", .operationNotSupportedByDevice))
    static let gone = failure(.read, .socketNotConnected)

    /// From the opening of the device until it is open.
    static func connecting(
        _ access: Succession.Access = .readWrite, showing shown: Generation?, after event: Succession.Event = .done
    ) -> [Line] {
        [
            (event, .open(access)), (.done, .map(access == .readWrite ? .watcher : .descriptorOfItsOwn)),
            (.done, .compare), (.compared(shown: shown, .upToDate), .adopt(shown: shown)),
        ]
    }

    static func connected(_ access: Succession.Access = .readWrite, showing shown: Generation? = first) -> Succession {
        var succession = Self.succession(for: access)
        expect(&succession, connecting(access, showing: shown, after: opening) + [(.done, .end(.nothing))])
        return succession
    }

    /// One that has been told of a change, and has to acknowledge it.
    static func told(_ access: Succession.Access = .readWrite) -> Succession {
        var succession = connected(access)
        let asking: [Line] = [(taking, .clear), (.done, .ask)]
        let reading: [Line] =
            access == .readOnly
            ? [(.found(.outdated), .prepare), (.done, .read)]
            : [(.found(.outdated), .read)]
        expect(&succession, asking + reading + [(.read(second), .end(.change(second)))])
        return succession
    }

    static func expect(
        _ succession: inout Succession, _ table: [Line], sourceLocation: SourceLocation = #_sourceLocation
    ) {
        for (number, line) in table.enumerated() {
            let step = succession.after(line.event)
            #expect(step == line.step, "line \(number)", sourceLocation: sourceLocation)
        }
    }

    private func expect(
        _ succession: inout Succession, _ table: [Line], sourceLocation: SourceLocation = #_sourceLocation
    ) {
        Self.expect(&succession, table, sourceLocation: sourceLocation)
    }
}

// MARK: One daemon

extension SuccessionTests {
    @Test func theGenerationOfTheOpeningIsNoChange() {
        var succession = Self.connected()
        #expect(succession.isConnected && succession.last == Self.first)
        expect(&succession, [(Self.taking, .clear), (.done, .ask), (.found(.upToDate), .end(.nothing))])
    }

    @Test func whoMayNotWriteReads() {
        var succession = Self.succession()
        let table: [Line] = [
            (Self.opening, .open(.readWrite)), (.failed(Self.failure(.open, .permissionDenied)), .open(.readOnly)),
            (.done, .map(.descriptorOfItsOwn)), (.done, .compare),
        ]
        expect(&succession, table)
        for access in [Succession.Access.readOnly, .readWrite] {
            succession = Self.succession(for: access)
            let failure = Self.failure(.open, .permissionDenied)
            expect(
                &succession,
                [
                    (Self.opening, .open(access)), (.failed(failure), .disconnect(.fail(failure))),
                    (.done, .fail(failure)),
                ])
        }
    }

    @Test(arguments: [Succession.Access.readWrite, .readOnly])
    func aChangeIsToldOnceAndAcknowledgedOnce(_ access: Succession.Access) {
        var succession = Self.told(access)
        #expect(succession.last == Self.second)
        let again: [Line] = [(Self.taking, .clear), (.done, .ask), (.found(.outdated), .read)]
        let reading = access == .readOnly ? again.dropLast() + [(.found(.outdated), .prepare), (.done, .read)] : again
        expect(&succession, reading + [(.read(Self.second), .end(.nothing))])
        let settling = access == .readOnly ? Succession.Step.replace : .acknowledge(Self.second)
        expect(&succession, [(Self.acknowledging(Self.second), settling), (.done, .end(.acknowledged))])
        // What has outdated the watcher is no change: it was taken before.
        expect(&succession, reading + [(.read(Self.second), settling), (.done, .end(.nothing))])
    }

    @Test func onlyTheLastGenerationIsAcknowledgedAndOnlyByItsOwnProcess() {
        var succession = Self.told()
        expect(
            &succession,
            [
                (Self.acknowledging(Self.first), .end(.nothing)),
                (.called(.acknowledge(Self.second, inChild: true)), .end(.nothing)),
            ])
    }

    @Test func anEventThatDoesNotBelongToTheStepChangesNothing() {
        var succession = Self.connected()
        expect(
            &succession,
            [
                (.done, .end(.nothing)), (.found(.gone), .end(.nothing)), (Self.taking, .clear),
                (Self.taking, .clear), (.read(Self.second), .clear), (.done, .ask), (.done, .ask),
            ])
    }
}

// MARK: The page

extension SuccessionTests {
    @Test func whatAWatcherForWritingCannotMapIsMappedByAnother() {
        var succession = Self.succession()
        let table: [Line] = [
            (Self.opening, .open(.readWrite)), (.done, .map(.watcher)),
            (.failed(Self.unmappable), .map(.descriptorOfItsOwn)), (.done, .compare),
        ]
        expect(&succession, table)
    }

    @Test func aDeviceThatCannotBeMappedIsFollowed() {
        var succession = Self.succession()
        let table: [Line] = [
            (Self.opening, .open(.readWrite)), (.done, .map(.watcher)),
            (.failed(Self.unmappable), .map(.descriptorOfItsOwn)), (.failed(Self.unmappable), .compare),
            (.compared(shown: nil, .upToDate), .adopt(shown: nil)), (.done, .end(.nothing)),
        ]
        expect(&succession, table)
        #expect(succession.isConnected && succession.last == nil)
    }

    @Test func aPageThatWasMappedHasToBeFollowedByAnother() {
        var succession = Self.connected(.readOnly)
        let table: [Line] = [
            (Self.taking, .clear), (.done, .ask), (.found(.gone), .open(.readOnly)),
            (.done, .map(.descriptorOfItsOwn)), (.failed(Self.unmappable), .disconnect(.fail(Self.unmappable))),
            (.done, .fail(Self.unmappable)),
        ]
        expect(&succession, table)
        #expect(!succession.isConnected)
    }

    @Test func aWatcherThatIsOutdatedFromTheStartIsOpenedAnew() {
        var succession = Self.succession()
        let table = Self.connecting(showing: Self.first, after: Self.opening).dropLast()
        expect(&succession, table + [(.compared(shown: Self.first, .outdated), .open(.readWrite))])
        expect(&succession, Self.connecting(showing: Self.second).dropFirst() + [(.done, .end(.nothing))])
        #expect(succession.last == Self.second)
    }
}

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

// MARK: Failures

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

    @Test func aWatcherThatCannotBeAskedIsAFailureThatMayPass() {
        var succession = Self.connected()
        let failure = Self.failure(.waitForChange, .noMemory)
        expect(&succession, Self.losing + [(.failed(failure), .fail(failure))])
        expect(&succession, Self.losing + [(.found(.upToDate), .end(.nothing))])
    }
}
