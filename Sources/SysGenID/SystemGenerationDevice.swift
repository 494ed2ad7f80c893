public import SysGenIDCore
internal import SysGenIDSystem

/// The generation of the system: it changes each time the system is resumed from a snapshot, cloned or
/// rolled back.
public typealias Generation = SysGenIDCore.Generation

/// The System Generation ID device, opened: one watcher.
///
/// A watcher is up to date when it is opened. It is outdated from the next change of the generation until
/// it acknowledges the new one, and ends when it is closed, which is when the value ends. The value may be
/// used from several threads.
public struct SystemGenerationDevice: ~Copyable, Sendable {
    /// Where the device usually is.
    public static let defaultPath = "/dev/sysgenid"

    /// What the device is opened for.
    public enum Access: Hashable, Sendable {
        /// Everything but `acknowledge`.
        case readOnly
        case readWrite
    }

    /// Whether a watcher has seen the current generation.
    public enum WatcherState: Hashable, Sendable {
        case upToDate
        case outdated
        /// The device is no longer served; it has to be opened again when it is.
        case gone
    }

    /// Where the device was opened.
    public var path: String { file.path }
    /// The number of the open descriptor, borrowed: valid as long as the value is.
    var descriptor: CInt { file.number }
    private let file: DeviceFile

    /// Opens the device, close-on-exec, and makes sure that it is one. See open(2).
    ///
    /// - Parameters:
    ///   - path: where the device is.
    ///   - access: what to open the device for.
    ///   - isBlocking: whether `read` waits for a change.
    /// - Throws: `DeviceFailure` with the reason `notFound`, `notPermitted`, `gone` or `notTheDevice`.
    public init(
        path: String = Self.defaultPath, access: Access = .readOnly, isBlocking: Bool = true
    ) throws(DeviceFailure) {
        let mode: OpenFlags = access == .readOnly ? .readOnly : .readWrite
        let file = try performing(.open) { () throws(SystemCallFailure) in
            try DeviceFile(path, isBlocking ? mode : [mode, .nonBlocking])
        }
        self = try Self(file).identified()
    }

    private init(_ file: consuming DeviceFile) {
        self.file = file
    }

    /// Reads the current generation, which an outdated watcher can do at once and as often as it likes. One
    /// that is up to date waits for a change first. See read(2).
    ///
    /// - Throws: `upToDate` where the device was opened not to block, `interrupted`, `gone`.
    public func read() throws(DeviceFailure) -> Generation {
        Generation(rawValue: try performing(.read) { () throws(SystemCallFailure) in try file.read() })
    }

    /// Tells the device that this watcher has readjusted to the generation. See write(2).
    ///
    /// - Throws: `notCurrent` where the generation has changed again, and the watcher stays outdated;
    ///   `notPermitted` where the device was opened read-only; `gone`.
    public func acknowledge(_ generation: Generation) throws(DeviceFailure) {
        try performing(.acknowledge) { () throws(SystemCallFailure) in try file.write(generation.rawValue) }
    }

    /// Waits until the watcher is outdated or the device is gone. A signal does not end it. See poll(2).
    ///
    /// - Parameter timeoutMilliseconds: how long to wait at most; 0 looks at once, nil is for ever.
    /// - Returns: `upToDate` where the time was over.
    public func waitForChange(timeoutMilliseconds: UInt32? = nil) throws(DeviceFailure) -> WatcherState {
        let pause = Pause(milliseconds: timeoutMilliseconds)
        while true {
            do {
                switch try file.poll(milliseconds: pause.remaining.map { CInt(clamping: $0) }) {
                case .readable: return .outdated
                case .failed: return .gone
                case .nothing: if pause.isOver { return .upToDate }
                }
            } catch let error where error.errno == .interrupted {
                continue
            } catch {
                throw DeviceFailure(.waitForChange, error)
            }
        }
    }

    /// Maps the page that shows the generation. See mmap(2).
    ///
    /// - Parameter pageOffset: where in the page the generation lies, in bytes: a multiple of 4. `GenerationProbe` takes
    ///   it from where it is published.
    /// - Throws: `unmappable`, `gone`.
    public func probe(pageOffset: Int = 0) throws(DeviceFailure) -> GenerationProbe {
        GenerationProbe(
            try performing(.map) { () throws(SystemCallFailure) in try file.mapGeneration(at: pageOffset) })
    }

    // MARK: Tracking, and the overseer's part

    /// Has overseers wait for this watcher, or no longer. A new watcher is not tracked. See ioctl(2).
    ///
    /// - Throws: `unsupported`, `gone`.
    public func setTracking(_ isTracked: Bool) throws(DeviceFailure) {
        try request(.setTracking, as: .setTracking, isTracked ? 1 : 0)
    }

    /// Waits until every tracked watcher is up to date, or every one where the device knows only version 4 of the
    /// interface. See ioctl(2).
    ///
    /// - Parameter timeoutMilliseconds: how long to wait at most; nil is for ever. 0 is served as 1, the
    ///   shortest time that the device knows.
    /// - Throws: `timedOut`; `callerOutdated` where this watcher is outdated itself, or becomes so, whatever
    ///   the others are; `interrupted`, `unsupported`, `gone`.
    public func waitForWatchers(timeoutMilliseconds: UInt32? = nil) throws(DeviceFailure) {
        let word = timeoutMilliseconds.map { max(1, UInt($0)) } ?? 0
        do {
            try request(.waitForTracked, orOlder: .waitForAll, as: .waitForWatchers, word)
        } catch let error where error.reason == .interrupted {
            // The device answers EINTR in both cases.
            guard try waitForChange(timeoutMilliseconds: 0) == .outdated else { throw error }
            throw DeviceFailure(.callerOutdated, error)
        }
    }

    /// Makes a new generation: the larger of `minimum` and the successor of the current one. This watcher
    /// is outdated then, as all are. See ioctl(2).
    ///
    /// - Throws: `notPermitted` without CAP_CHECKPOINT_RESTORE and CAP_SYS_ADMIN in the user namespace of
    ///   the daemon; `unsupported`, `gone`.
    public func trigger(minimum: UInt32 = 0) throws(DeviceFailure) {
        try request(.trigger, orOlder: .forceUpdate, as: .trigger, UInt(minimum))
    }

    /// How many watchers are outdated, tracked or not. See ioctl(2).
    ///
    /// - Throws: `unsupported` where the device knows only version 8 of the interface; `gone`.
    public func outdatedCount() throws(DeviceFailure) -> Int {
        Int(try request(.countOutdated, as: .countOutdated, 0))
    }

    /// Makes a request, or the older one where the device knows only version 4 of the interface, as a kernel's may.
    private func request(
        _ request: DeviceRequest, orOlder older: DeviceRequest, as operation: DeviceFailure.Operation, _ word: UInt
    ) throws(DeviceFailure) {
        do {
            try self.request(request, as: operation, word)
        } catch let error where error.reason == .unsupported {
            try self.request(older, as: operation, word)
        }
    }

    @discardableResult
    private func request(
        _ request: DeviceRequest, as operation: DeviceFailure.Operation, _ word: UInt
    ) throws(DeviceFailure) -> UInt32 {
        try performing(operation) { () throws(SystemCallFailure) in try file.request(request, word) }
    }

    /// Another file could be read, polled and mapped too, and would yield nonsense.
    private consuming func identified() throws(DeviceFailure) -> Self {
        do {
            _ = try outdatedCount()
        } catch let error where error.reason == .unsupported {
            do {
                try setTracking(false)
            } catch let error where error.reason == .unsupported {
                throw DeviceFailure(.notTheDevice, error)
            }
        }
        return self
    }
}
