internal import SysGenIDSystem

/// A watcher that goes on when its device is served by another daemon: what a `GenerationWatcher` does under its lock, as
/// `Succession` says. It never waits.
struct FollowedDevice: ~Copyable, Sendable {
    /// What the watcher is opened for and with.
    struct Options: Sendable {
        var path: String
        var runtimeDirectory: String
        /// nil is for writing where that is permitted, else for reading.
        var access: SystemGenerationDevice.Access?
        var isTracked: Bool
        /// Whether the device may come later than the watcher.
        var waitsForDevice: Bool
    }

    /// An open device, which several may refer to.
    private final class Watcher: Sendable {
        let device: SystemGenerationDevice

        init(_ device: consuming SystemGenerationDevice) {
            self.device = device
        }
    }

    let wakeups: Wakeups
    /// The page, of whichever device is open; nil where none could be mapped.
    private(set) var probe: GenerationProbe?

    private let options: Options
    private var succession: Succession
    private var watcher: Watcher?
    /// Takes the place of the watcher.
    private var next: Watcher?
    /// The process that the watcher belongs to.
    private var process = OwnProcess.id
    /// The watcher of the parent.
    private var inherited: Watcher?

    /// Opens the device.
    static func open(_ options: Options) throws(DeviceFailure) -> FollowedDevice {
        let wakeups = try performing(.open) { () throws(SystemCallFailure) in try Wakeups() }
        var device = FollowedDevice(options, wakeups)
        _ = try device.run(.open)
        return device
    }

    private init(_ options: Options, _ wakeups: consuming Wakeups) {
        self.options = options
        self.wakeups = wakeups
        succession = Succession(options)
    }

    /// The generation that was taken last, or that the device had when it was first opened; nil where nothing shows it.
    var last: Generation? { succession.last }

    /// Whether the device is open, as far as is known.
    var isConnected: Bool { succession.isConnected }

    /// Takes the change that there is; nil where there is none.
    mutating func take() throws(DeviceFailure) -> Generation? {
        let outcome = try run(.take(inChild: isInChild))
        return if case .change(let generation) = outcome { generation } else { nil }
    }

    /// Acknowledges a generation that was taken.
    ///
    /// - Returns: false where there is or may be another one to be taken.
    mutating func acknowledge(_ generation: Generation) throws(DeviceFailure) -> Bool {
        try run(.acknowledge(generation, inChild: isInChild)) == .acknowledged
    }

    private var isInChild: Bool { process != OwnProcess.id }

    // MARK: The steps

    private mutating func run(_ call: Succession.Call) throws(DeviceFailure) -> Succession.Outcome {
        var event = Succession.Event.called(call)
        while true {
            switch succession.after(event) {
            case .end(let outcome): return outcome
            case .fail(let failure): throw failure
            case let step: event = outcome(of: step)
            }
        }
    }

    private mutating func outcome(of step: Succession.Step) -> Succession.Event {
        do throws(DeviceFailure) {
            return try carryOut(step)
        } catch {
            return .failed(error)
        }
    }

    private mutating func carryOut(_ step: Succession.Step) throws(DeviceFailure) -> Succession.Event {
        switch step {
        case .leaveParent: try leaveParent()
        case .clear: wakeups.clear()
        case .ask: return .found(try watcher!.device.waitForChange(timeoutMilliseconds: 0))
        case .prepare: next = try open(.readOnly)
        case .read: return .read(try watcher!.device.read())
        case .acknowledge(let generation):
            try watcher!.device.acknowledge(generation)
            inherited = nil
        case .replace:
            try adopt()
            inherited = nil
        case .open(let access):
            disconnect()
            next = try open(access)
        case .map(let mapping): try mapPage(by: mapping)
        case .compare:
            let shown = probe?.load() ?? published
            return .compared(shown: shown, try next!.device.waitForChange(timeoutMilliseconds: 0))
        case .adopt: try adopt()
        case .prove(let generation): try watcher!.device.acknowledge(generation)
        case .disconnect(let afterwards):
            disconnect()
            wake(for: afterwards)
        case .end, .fail: break
        }
        return .done
    }

    private func open(_ access: SystemGenerationDevice.Access) throws(DeviceFailure) -> Watcher {
        let device = try SystemGenerationDevice(path: options.path, access: access, isBlocking: false)
        if options.isTracked { try device.setTracking(true) }
        return Watcher(device)
    }

    private mutating func adopt() throws(DeviceFailure) {
        guard let next = next.take() else { return }
        try performing(.open) { () throws(SystemCallFailure) in try wakeups.add(next.device) }
        watcher = next
    }

    private mutating func disconnect() {
        (watcher, next) = (nil, nil)
    }

    private func wake(for afterwards: Succession.Afterwards) {
        switch afterwards {
        case .lookLater: wakeups.retryLater()
        case .lookAtOnce: wakeups.retryNow()
        case .fail: break
        }
    }

    private mutating func leaveParent() throws(DeviceFailure) {
        try performing(.open) { () throws(SystemCallFailure) in try wakeups.detach() }
        inherited = inherited ?? watcher
        process = OwnProcess.id
    }

    /// Maps the page behind the probe where there is one.
    private mutating func mapPage(by mapping: Succession.Mapping) throws(DeviceFailure) {
        let fresh =
            switch mapping {
            case .watcher: try GenerationProbe(of: next!.device, runtimeDirectory: options.runtimeDirectory)
            case .descriptorOfItsOwn:
                try GenerationProbe(path: options.path, runtimeDirectory: options.runtimeDirectory)
            }
        guard let probe else {
            probe = fresh
            return
        }
        try performing(.map) { () throws(SystemCallFailure) in try probe.mapping.takePage(of: fresh.mapping) }
    }

    private var published: Generation? {
        let attributes = PublishedAttributes(in: options.runtimeDirectory)
        return attributes.describe(options.path) ? attributes.generation : nil
    }
}
