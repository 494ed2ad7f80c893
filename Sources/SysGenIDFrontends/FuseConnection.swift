import SysGenIDSystem

/// The connections of the frontends that are mounted.
enum FuseConnection {
    /// The one of a predecessor, or a new one.
    static func open(_ handed: consuming OwnedDescriptor?) throws(FrontendFailure) -> OwnedDescriptor {
        if let handed { return handed }
        return try open()
    }

    private static func open() throws(FrontendFailure) -> OwnedDescriptor {
        do throws(SystemCallFailure) {
            return try openFile("/dev/fuse", .readWrite)
        } catch {
            switch error.errno {
            case .noSuchFileOrDirectory, .noSuchAddressOrDevice, .operationNotSupportedByDevice:
                throw FrontendFailure("/dev/fuse is missing: load the kernel's module with 'modprobe fuse'")
            case .permissionDenied, .notPermitted:
                throw FrontendFailure("/dev/fuse may not be opened: start sysgenidd as root")
            default:
                throw FrontendFailure("cannot reach the kernel", because: error)
            }
        }
    }
}
