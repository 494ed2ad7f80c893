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

    func expect(
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
