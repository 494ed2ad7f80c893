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
    /// - Throws: where nobody knows what is there: who takes it for free waits for ever for the daemon that he is himself.
    func ensure(
        _ known: DeviceNumber?, by mount: @escaping @Sendable (_ path: String) throws -> Void
    ) throws(SystemCallFailure) -> Bool {
        let path = path
        return try namespace.perform {
            Result { () throws(SystemCallFailure) -> Bool in
                // Never over itself: the kernel locks what is below a new mount, which a write may have locked that waits
                // for the daemon. What is another daemon's is not to be covered.
                if try Mounts.areOurs(path) { return known == nil || (try? Files.place(path).fileSystem) == known }
                return (try? mount(path)) != nil
            }
        }.get()
    }

    /// Mounts something there.
    func mount(by mount: @escaping @Sendable (_ path: String) throws -> Void) throws {
        let path = path
        try namespace.perform { Result { try mount(path) } }.get()
    }
}
