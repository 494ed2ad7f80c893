import SysGenIDSystem

/// Where a file system of the daemon's is to be.
struct MountPoint: Sendable {
    /// Absolute and without symbolic links.
    let path: String
    /// Which mount namespace that path is in.
    let namespace: MountNamespace

    /// By what the kernel knows the file system that is there; nil where nothing is.
    var fileSystem: DeviceNumber? {
        let path = path
        return try? namespace.perform { try? Files.place(path).fileSystem } ?? nil
    }

    /// Makes sure that what a predecessor has mounted is on top: mounts it again where it is not, for those who have
    /// something of it open. The kernel makes a second mount of a connection as long as something keeps it (5.15).
    ///
    /// - Parameters:
    ///   - known: the predecessor's; nil where that is not known.
    ///   - mount: mounts it, in the namespace.
    /// - Returns: false where that cannot be.
    func ensure(_ known: DeviceNumber?, by mount: @escaping @Sendable (_ path: String) throws -> Void) -> Bool {
        let path = path
        let isMounted = try? namespace.perform { () -> Bool in
            // Never over itself: the kernel locks what is below a new mount, which a write may have locked that waits for
            // the daemon. What is another daemon's is not to be covered.
            if Mounts.isOurs(path) { return known == nil || (try? Files.place(path).fileSystem) == known }
            return (try? mount(path)) != nil
        }
        return isMounted ?? false
    }

    /// Mounts something there.
    func mount(by mount: @escaping @Sendable (_ path: String) throws -> Void) throws {
        let path = path
        try namespace.perform { Result { try mount(path) } }.get()
    }
}
