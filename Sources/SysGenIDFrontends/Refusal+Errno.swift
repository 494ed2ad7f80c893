internal import Glibc
import SysGenIDCore

extension Refusal {
    /// The error number of errno(3) that the interface has for this refusal. This is the only such table.
    public var errno: CInt {
        switch self {
        case .wouldBlock: EAGAIN
        case .bufferTooSmall: EINVAL
        case .wrongLength: ENOBUFS
        case .notCurrent: EINVAL
        case .interrupted: EINTR
        case .callerOutdated: EINTR
        case .stillOutdated: EINTR
        case .timedOut: ETIME
        case .notPermitted: EACCES
        case .unknownRequest: EINVAL
        case .tooManyWatchers: EMFILE
        case .tooManyParked: ENOMEM
        case .noSuchWatcher: EBADF
        case .shuttingDown: ENODEV
        case .invalidName: EINVAL
        case .nameTaken: EEXIST
        case .noSuchDevice: ENOENT
        case .tooManyDevices: ENOSPC
        case .alreadyOpened: EBUSY
        }
    }
}
