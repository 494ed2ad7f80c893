internal import SysGenIDSystem

/// A watcher that goes on when its device is served by another daemon: what a `GenerationWatcher` does under its lock.
/// It never waits.
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

    let options: Options
    let wakeups: Wakeups
    /// The page, of whichever device is open; nil where none could be mapped.
    private(set) var probe: GenerationProbe?
    /// The generation that was taken last, or that the device had when it was first opened; nil where nothing shows it.
    private(set) var last: Generation?

    private var access = SystemGenerationDevice.Access.readWrite
    private var isAcknowledged = true
    private var watcher: Watcher?
    /// Takes over from a watcher that cannot be written to. It is opened before that one is read, so that
    /// whatever came too late to be read outdates it.
    private var successor: Watcher?
    /// The process that the watcher belongs to. Its children share the open file, and so one acknowledgement.
    private var process = OwnProcess.id
    /// The watcher of the parent, for which overseers wait until this process has acknowledged the change that it was
    /// told of: its own one was up to date from the start.
    private var inherited: Watcher?
    /// Whether there is a change to tell of whatever the generation is.
    private var owesChange = false

    /// Opens the device.
    static func open(_ options: Options) throws(DeviceFailure) -> FollowedDevice {
        let wakeups = try performing(.open) { () throws(SystemCallFailure) in try Wakeups() }
        var device = FollowedDevice(options, wakeups)
        do {
            device.last = try device.connect()
        } catch let error where options.waitsForDevice && error.isOfAbsence {
            device.wakeups.retryLater()
        }
        return device
    }

    private init(_ options: Options, _ wakeups: consuming Wakeups) {
        self.options = options
        self.wakeups = wakeups
    }

    /// Whether the device is open, as far as is known.
    var isConnected: Bool { watcher != nil }

    /// Takes the change that there is; nil where there is none.
    mutating func take() throws(DeviceFailure) -> Generation? {
        try becomeOwn()
        wakeups.clear()
        guard !owesChange, let watcher else { return try reconnect() }
        switch try watcher.device.waitForChange(timeoutMilliseconds: 0) {
        case .upToDate: return nil
        case .gone: return try reconnect()
        case .outdated: break
        }
        do {
            return try look(at: watcher)
        } catch let error where error.reason == .gone || error.operation == .open {
            return try reconnect()
        } catch let error where error.reason == .interrupted || error.reason == .upToDate {
            return nil
        }
    }

    /// Acknowledges a generation that was taken.
    ///
    /// - Returns: false where there is or may be another one to be taken.
    mutating func acknowledge(_ generation: Generation) throws(DeviceFailure) -> Bool {
        guard let watcher, generation == last, process == OwnProcess.id else { return false }
        do {
            try settle(watcher, generation)
            return true
        } catch let error where error.reason == .notCurrent {
            return false
        } catch let error where error.reason == .gone {
            disconnect()
            wakeups.retryNow()
            return false
        }
    }

    // MARK: The open device

    private mutating func look(at watcher: Watcher) throws(DeviceFailure) -> Generation? {
        if access == .readOnly { successor = try open(.readOnly) }
        let generation = try watcher.device.read()
        guard generation != last else {
            // It came after the watcher was opened and before its predecessor was read.
            if isAcknowledged { try settle(watcher, generation) }
            return nil
        }
        last = generation
        isAcknowledged = false
        return generation
    }

    private mutating func settle(_ watcher: Watcher, _ generation: Generation) throws(DeviceFailure) {
        if access == .readWrite {
            try watcher.device.acknowledge(generation)
        } else if let next = successor.take() {
            try adopt(next)
        }
        (isAcknowledged, inherited) = (true, nil)
    }

    private mutating func adopt(_ next: Watcher) throws(DeviceFailure) {
        try performing(.open) { () throws(SystemCallFailure) in try wakeups.add(next.device) }
        watcher = next
    }

    private func open(_ access: SystemGenerationDevice.Access) throws(DeviceFailure) -> Watcher {
        let device = try SystemGenerationDevice(path: options.path, access: access, isBlocking: false)
        if options.isTracked { try device.setTracking(true) }
        return Watcher(device)
    }

    // MARK: One daemon after the other

    /// In the child of a fork(2), the next look opens a watcher of its own, and is told of a change: what was copied with
    /// the memory is to be renewed, too.
    private mutating func becomeOwn() throws(DeviceFailure) {
        guard process != OwnProcess.id else { return }
        try performing(.open) { () throws(SystemCallFailure) in try wakeups.detach() }
        inherited = inherited ?? watcher
        (process, owesChange) = (OwnProcess.id, true)
    }

    private mutating func disconnect() {
        (watcher, successor, isAcknowledged) = (nil, nil, true)
    }

    /// Opens the device anew.
    ///
    /// - Returns: the generation that it shows, where it is another one than the last; nil where it is the same, or where
    ///   the device is not served yet.
    /// - Throws: `unmappable` where nothing shows whether it is the same.
    private mutating func reconnect() throws(DeviceFailure) -> Generation? {
        disconnect()
        let found: Generation?
        do {
            found = try connect()
        } catch let error where error.operation != .map || error.reason == .gone {
            disconnect()
            wakeups.retryLater()
            return nil
        }
        guard let found else {
            // The device takes no other generation than the current one.
            let parents = inherited
            if let last, access == .readWrite, try acknowledge(last) {
                inherited = parents
                return told(last)
            }
            if watcher == nil { return nil }
            throw DeviceFailure(.map, SystemCallFailure("mmap", options.path, .operationNotSupportedByDevice))
        }
        return told(found)
    }

    /// The generation, where it is a change to tell of.
    private mutating func told(_ generation: Generation) -> Generation? {
        guard generation != last || owesChange else { return nil }
        (last, isAcknowledged, owesChange) = (generation, false, false)
        return generation
    }

    /// Opens the device with a watcher that is up to date with the generation that is returned; nil where nothing
    /// shows it.
    private mutating func connect() throws(DeviceFailure) -> Generation? {
        while true {
            let next = try openAsPermitted()
            try mapPage(of: next)
            let generation = probe?.load() ?? published
            guard try next.device.waitForChange(timeoutMilliseconds: 0) != .outdated else { continue }
            try adopt(next)
            return generation
        }
    }

    private mutating func openAsPermitted() throws(DeviceFailure) -> Watcher {
        access = options.access ?? .readWrite
        do {
            return try open(access)
        } catch let error where error.reason == .notPermitted && options.access == nil {
            access = .readOnly
            return try open(access)
        }
    }

    /// Maps the page of the device that is served now, behind the probe where there is one.
    private mutating func mapPage(of watcher: Watcher) throws(DeviceFailure) {
        do {
            let fresh = try freshProbe(of: watcher)
            guard let probe else {
                probe = fresh
                return
            }
            try performing(.map) { () throws(SystemCallFailure) in try probe.mapping.takePage(of: fresh.mapping) }
        } catch let error where error.isOfMapping {
            guard probe == nil else { throw error }
        }
    }

    /// Before 6.9, a descriptor for writing cannot be mapped, so that the published page is; and a mapping by one for
    /// reading counts as an open file until it ends, so that it must not be the watcher's, which may be tracked.
    private func freshProbe(of watcher: Watcher) throws(DeviceFailure) -> GenerationProbe {
        if access == .readWrite {
            do {
                return try GenerationProbe(of: watcher.device, runtimeDirectory: options.runtimeDirectory)
            } catch let error where error.isOfMapping {}
        }
        return try GenerationProbe(path: options.path, runtimeDirectory: options.runtimeDirectory)
    }

    private var published: Generation? {
        let attributes = PublishedAttributes(in: options.runtimeDirectory)
        return attributes.describe(options.path) ? attributes.generation : nil
    }
}

extension DeviceFailure {
    /// Whether the device cannot be mapped, and nothing else is wrong.
    fileprivate var isOfMapping: Bool { operation == .map && cause.errno == .operationNotSupportedByDevice }

    /// Whether the device is not served yet: what is at its path in the meantime may be a file to mount over.
    fileprivate var isOfAbsence: Bool { reason == .notFound || reason == .gone || reason == .notTheDevice }
}
