/// Why a request is not granted. The frontends turn each into one `errno`.
public enum Refusal: Error, Hashable, Sendable, CaseIterable {
    /// The watcher is up to date and the read may not block.
    case wouldBlock
    /// The buffer of a read is smaller than a generation.
    case bufferTooSmall
    /// A write is not exactly as long as a generation.
    case wrongLength
    /// A write acknowledges a generation that is not the current one.
    case notCurrent
    /// A signal ended the request.
    case interrupted
    /// The watcher that waits for others is outdated itself.
    case callerOutdated
    /// Watchers were still outdated when the wait ended (0x2d family).
    case stillOutdated
    /// The wait's time ran out (0xE4 family).
    case timedOut
    /// The caller may not trigger a change.
    case notPermitted
    /// No such ioctl.
    case unknownRequest
    /// The device has as many watchers as it may have.
    case tooManyWatchers
    /// The watcher, or the device, has as many parked requests as it may have.
    case tooManyParked
    /// There is no such watcher, or it was closed while the request was parked.
    case noSuchWatcher
    /// The daemon is going away.
    case shuttingDown
    /// A container's device cannot be called so.
    case invalidName
    /// There is a device of that name.
    case nameTaken
    /// There is no such device.
    case noSuchDevice
    /// There are as many devices as there may be.
    case tooManyDevices
    /// The device was opened before, so that it cannot begin at another generation.
    case alreadyOpened
}
