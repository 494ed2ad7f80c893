import SysGenIDSystem
import SystemPackage
import TestSupport
import Testing

@testable import SysGenID

/// Whatever comes of the steps of any calls: none is asked of a watcher that is not there, and none is left open.
@Suite struct SuccessionSequenceTests {
    @Test(arguments: 0..<200 as Range<UInt64>)
    func noStepIsTakenWithoutWhatItNeeds(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let accesses: [Succession.Access?] = [nil, .readOnly, .readWrite]
        let access = accesses.randomElement(using: &generator)!
        var device = PlayedDevice(
            generator,
            Succession(
                FollowedDevice.Options(
                    path: "/device", runtimeDirectory: "/run", access: access, isTracked: false, waitsForDevice: true)))
        try device.call(.open)
        for number in 0..<300 {
            try device.call()
            try #require(device.hasWatcher == device.succession.isConnected, "seed \(seed), call \(number)")
            try #require(device.hasWatcher || !device.hasNext, "seed \(seed), call \(number)")
        }
    }
}

/// What `FollowedDevice` holds, and a device that does whatever it likes.
private struct PlayedDevice {
    private(set) var succession: Succession
    private(set) var hasWatcher = false
    private(set) var hasNext = false
    private var hasPage = false
    private var generator: SeededGenerator

    init(_ generator: SeededGenerator, _ succession: Succession) {
        self.generator = generator
        self.succession = succession
    }

    mutating func call() throws {
        let inChild = chance(1, of: 10)
        try call(chance(1, of: 2) ? .take(inChild: inChild) : .acknowledge(generation, inChild: inChild))
    }

    mutating func call(_ call: Succession.Call) throws {
        var event = Succession.Event.called(call)
        while true {
            let step = succession.after(event)
            switch step {
            case .end(.change(let generation)):
                try #require(call != .open && succession.last == generation)
                return
            case .end, .fail: return
            default: event = try outcome(of: step)
            }
        }
    }

    private mutating func outcome(of step: Succession.Step) throws -> Succession.Event {
        let fails = chance(1, of: 4)
        switch step {
        case .ask, .read, .acknowledge, .prove: try #require(hasWatcher, "\(step)")
        case .map(.watcher), .compare: try #require(hasNext, "\(step)")
        case .adopt:
            try #require(hasNext)
            hasNext = false
            if !fails { hasWatcher = true }
        case .replace: hasNext = false
        case .open, .disconnect: (hasWatcher, hasNext) = (false, false)
        case .prepare, .map, .leaveParent, .clear, .end, .fail: break
        }
        switch step {
        case .clear, .disconnect: return .done
        case _ where fails: return .failed(failure)
        case .ask: return .found(state)
        case .read: return .read(generation)
        case .compare: return .compared(shown: hasPage || chance(1, of: 2) ? generation : nil, state)
        case .open, .prepare: hasNext = true
        case .map: hasPage = true
        default: break
        }
        return .done
    }

    private mutating func chance(_ count: Int, of all: Int) -> Bool {
        Int.random(in: 0..<all, using: &generator) < count
    }

    private var generation: Generation {
        mutating get { Generation(rawValue: .random(in: 0..<3, using: &generator)) }
    }

    private var state: SystemGenerationDevice.WatcherState {
        mutating get { [.upToDate, .outdated, .gone].randomElement(using: &generator)! }
    }

    private var failure: DeviceFailure {
        mutating get {
            let operations: [DeviceFailure.Operation] = [
                .open, .read, .acknowledge, .waitForChange, .map, .setTracking,
            ]
            let errors: [Errno] = [
                .permissionDenied, .noSuchFileOrDirectory, .socketNotConnected, .operationNotSupportedByDevice,
                .invalidArgument, .interrupted, .wouldBlock, .ioError,
            ]
            return DeviceFailure(
                operations.randomElement(using: &generator)!,
                SystemCallFailure("call", "/device", errors.randomElement(using: &generator)!))
        }
    }
}
