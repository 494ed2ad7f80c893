internal import CSysGenID
internal import Glibc
internal import SystemPackage

/// The number by which the kernel knows a device, or a mounted file system. See makedev(3).
public struct DeviceNumber: Hashable, Sendable, CustomStringConvertible {
    public var major: UInt32
    public var minor: UInt32

    public init(major: UInt32, minor: UInt32) {
        self.major = major
        self.minor = minor
    }

    /// Reads what stands in a file named dev below /sys; nil where it is no number of that form.
    public init?(_ text: String) {
        let parts = text.split(separator: "\n", omittingEmptySubsequences: false).first?
            .split(separator: ":", omittingEmptySubsequences: false)
        guard let parts, parts.count == 2, let major = UInt32(parts[0]), let minor = UInt32(parts[1]) else {
            return nil
        }
        self.init(major: major, minor: minor)
    }

    /// As in the files named dev below /sys.
    public var description: String { "\(major):\(minor)" }
}

/// What is at a path, as far as the kernel knows by itself.
public struct Place: Hashable, Sendable {
    public var kind: FileStatus.Kind
    /// The file system that it is in.
    public var fileSystem: DeviceNumber
    /// What the node of a device stands for.
    public var device: DeviceNumber
}

extension Files {
    /// What to put before an absolute path to have it below a root: one slash stands between them, with "/", too.
    public static func prefix(ofRoot root: String) -> String {
        root.hasSuffix("/") ? String(root.dropLast()) : root
    }

    /// What is at the path, and not where a symbolic link there leads. Whoever serves it is not asked, be he stopped or
    /// gone. See statx(2), AT_STATX_DONT_SYNC.
    public static func place(_ path: String) throws(SystemCallFailure) -> Place {
        try describing("statx", path) { () throws(Errno) in
            var status = csysgenid_place()
            try nothingOrErrno { csysgenid_look_at(path, &status) }
            return Place(
                kind: FileStatus.Kind(mode: status.mode),
                fileSystem: DeviceNumber(major: status.file_system_major, minor: status.file_system_minor),
                device: DeviceNumber(major: status.device_major, minor: status.device_minor))
        }
    }

    /// The class of a character device, as misc; nil where the kernel names none. See sysfs(5).
    ///
    /// - Parameter systemRoot: below which /sys is looked at.
    public static func deviceClass(of device: DeviceNumber, systemRoot: String) -> String? {
        let link = "\(systemRoot)/sys/dev/char/\(device)/subsystem"
        return (try? linkTarget(link)).flatMap { FilePath($0).lastComponent?.string }
    }

    /// The path in the form in which the kernel lists mounts, like `resolvedParent`, and where a symbolic link there leads.
    /// What it leads to need not be there.
    public static func resolved(_ path: String) throws(SystemCallFailure) -> String {
        var resolved = try resolvedParent(of: path)
        for _ in 0..<linkLimit {
            guard let target = try? linkTarget(resolved) else { return resolved }
            guard target.utf8.count < linkTargetLimit else {
                throw SystemCallFailure("readlink", path, .fileNameTooLong)
            }
            resolved = try withResolvedParent(FilePath(resolved).parent.pushing(FilePath(target)))
        }
        throw SystemCallFailure("readlink", path, .tooManySymbolicLinkLevels)
    }

    /// As many as the kernel follows. See path_resolution(7).
    private static let linkLimit = 40

    /// Keeps what is at the path, also where its name or its mount is taken away. It is not asked for. See open(2), O_PATH.
    public static func hold(_ path: String) throws(SystemCallFailure) -> OwnedDescriptor {
        try describing("open", path) { () throws(Errno) in
            OwnedDescriptor(owning: try valueOrErrno { csysgenid_open_link(path) })
        }
    }
}
