public import SysGenIDSystem

/// Whether the device can be at a path: what may be covered by it, and what is in its way.
public enum DevicePlace {
    /// Checks what is at the path.
    ///
    /// Nothing there is well, and so is a regular file, which comes to light again at the end. The node of a character
    /// device may be covered where it is one of sysgenidd's, which the kernel's CUSE has made.
    ///
    /// - Parameter path: absolute, and without symbolic links.
    public static func check(_ path: String, in namespace: MountNamespace) throws(FrontendFailure) {
        let outcome: Result<Void, FrontendFailure>
        do throws(SystemCallFailure) {
            outcome = try namespace.perform { Result { () throws(FrontendFailure) in try check(path) } }
        } catch {
            throw FrontendFailure("cannot enter the mount namespace", because: error)
        }
        try outcome.get()
    }

    /// The same in this thread's namespace.
    static func check(_ path: String) throws(FrontendFailure) {
        // What cannot be looked at is told by whoever tries to mount there.
        guard let place = try? Files.place(path), !Mounts.isOurs(path) else { return }
        if place.kind == .regular || CharacterDevice.isNode(place, at: path) { return }
        let alternative = place.kind == .characterDevice ? ", or --frontend kernel where it is the kernel's own" : ""
        throw FrontendFailure(
            "\(path) is in the way of the device: it is \(place.kind.phrase); move it, or choose another "
                + "--device\(alternative)")
    }
}

extension FileStatus.Kind {
    /// What it is, for people.
    fileprivate var phrase: String {
        switch self {
        case .regular: "a file"
        case .directory: "a directory"
        case .characterDevice, .blockDevice: "the node of another device"
        case .fifo: "a FIFO"
        case .socket: "a socket"
        case .symbolicLink: "a symbolic link"
        case .other: "no file"
        }
    }
}
