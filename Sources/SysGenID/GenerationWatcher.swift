internal import SysGenIDSystem

/// Follows the changes of the generation, and goes on when the daemon that serves the device is replaced by another.
///
/// Take the changes in one of these ways, whichever suits the program, and acknowledge each when everything that must be
/// unique has been renewed:
///
/// - as an asynchronous sequence: `for try await generation in watcher`;
/// - by a callback on a thread of its own: `follow`;
/// - on a thread of the program's, which blocks: `waitForChange`;
/// - in the program's own event loop: `nextChange` when `descriptor` is readable.
///
/// Changes that follow each other faster than they are taken are one, with the last of their generations. The device is
/// opened for writing where that is permitted, so that an acknowledgement is a write(2); else a new watcher takes the
/// place of one that is outdated.
///
/// When the daemon ends, the kernel ends its connection (`ENOTCONN`, `ECONNABORTED`, `ENODEV`, `POLLERR`). The watcher
/// then looks for the device four times a second, opens it again, and has a change to report if the generation is another
/// one by then. It may be used from several threads; each change is taken once.
///
/// In the child of a fork(2), which shares the open file and its acknowledgement with the parent, the first look for a
/// change opens the device for the child alone, and has a change to report: what was copied with the memory is to be
/// renewed. So a child looks once before it begins to work, with `nextChange`; until it acknowledges, overseers wait for
/// the parent's watcher, too. Who follows the changes does so in a child anew: a fork copies no other thread.
public final class GenerationWatcher: Sendable {
    /// Where the device is.
    public let path: String
    /// Readable while there may be a change to take, for poll(2), epoll(7) and the like: the same one as long as the
    /// watcher lives, whichever daemon serves the device. It must not be read, and is closed with the watcher.
    public let descriptor: CInt

    private let state: Lock<FollowedDevice>

    /// Opens the device.
    ///
    /// - Parameters:
    ///   - path: where the device is.
    ///   - runtimeDirectory: where its daemon publishes what the device itself does not show.
    ///   - access: what to open the device for; nil is for writing where that is permitted, else for reading.
    ///   - isTracked: whether overseers wait for this watcher: `SYSGENID_SET_WATCHER_TRACKING`.
    ///   - waitsForDevice: whether a device that is not served yet is no failure. The watcher looks for it then, and has
    ///     its generation to report as a change when it is there: nobody knows what was before.
    /// - Throws: `DeviceFailure` with the reason `notFound`, `gone`, `notTheDevice`, unless it waits for the device;
    ///   `notPermitted`; `unmappable` where the daemon publishes an offset that cannot be. A device that cannot be mapped
    ///   can be followed.
    public init(
        path: String = SystemGenerationDevice.defaultPath,
        runtimeDirectory: String = PublishedAttributes.defaultDirectory,
        access: SystemGenerationDevice.Access? = nil,
        isTracked: Bool = false,
        waitsForDevice: Bool = false
    ) throws(DeviceFailure) {
        let device = try FollowedDevice.open(
            .init(
                path: path, runtimeDirectory: runtimeDirectory, access: access, isTracked: isTracked,
                waitsForDevice: waitsForDevice))
        descriptor = device.wakeups.descriptor
        self.path = path
        state = Lock(device)
    }

    /// The generation that was taken last, or at first the one that the device had when it was opened; nil where there is
    /// no device yet, or where it cannot be mapped and nothing is published about it.
    public var generation: Generation? { state.withLock { $0.last } }

    /// Whether the device is open, as far as is known; false from when the end of its daemon was noticed until the next
    /// one serves it.
    public var isConnected: Bool { state.withLock { $0.isConnected } }

    /// The mapped page, which goes on with the next daemon as long as this watcher lives and its changes are taken; nil
    /// where there is no device yet, or none that can be mapped.
    public var probe: GenerationProbe? { state.withLock { $0.probe } }

    /// Takes the change that there is, without waiting. To be called when `descriptor` is readable.
    ///
    /// - Returns: the generation; nil where there is no change.
    /// - Throws: `DeviceFailure`, after which there will be no more changes: `unmappable` where the daemon was replaced
    ///   and nothing shows whether there was a change meanwhile.
    public func nextChange() throws(DeviceFailure) -> Generation? {
        try state.withLock { state throws(DeviceFailure) in try state.take() }
    }

    /// Waits for the next change on the calling thread, which must not be one of those that Swift's concurrency shares.
    /// A signal does not end it. See poll(2).
    ///
    /// - Parameter timeoutMilliseconds: how long to wait at most; 0 looks at once, nil is for ever.
    /// - Returns: the generation; nil where the time was over.
    /// - Throws: as `nextChange`.
    public func waitForChange(timeoutMilliseconds: UInt32? = nil) throws(DeviceFailure) -> Generation? {
        let pause = Pause(milliseconds: timeoutMilliseconds)
        while true {
            if let generation = try nextChange() { return generation }
            guard !pause.isOver else { return nil }
            _ = waitUntilReadable([descriptor], milliseconds: pause.remaining.map { CInt(clamping: $0) })
        }
    }

    /// Tells the device that everything has been renewed for the generation. Overseers wait for this where the watcher is
    /// tracked. See write(2).
    ///
    /// - Returns: false where it has changed again, or the daemon was replaced: the next change is then to be taken, if
    ///   there is one.
    /// - Throws: `DeviceFailure`; a device that is gone is no failure.
    @discardableResult
    public func acknowledge(_ generation: Generation) throws(DeviceFailure) -> Bool {
        try state.withLock { state throws(DeviceFailure) in try state.acknowledge(generation) }
    }
}
