internal import SysGenIDSystem

/// The devices that containers have of their own, each with its own generation, watchers and page.
///
/// A daemon serves them as a directory for each. A change of the system's generation is one of theirs, too; a change of
/// one of theirs is that one's alone. See sysgenidctl(1), container.
public struct ContainerDevices: Hashable, Sendable {
    /// One of them, as it is listed.
    public struct Entry: Hashable, Sendable {
        public var name: ContainerName
        /// nil where the device cannot be opened or mapped.
        public var generation: Generation?
        public var userID: UInt32
        public var groupID: UInt32

        public init(name: ContainerName, generation: Generation?, userID: UInt32, groupID: UInt32) {
            self.name = name
            self.generation = generation
            self.userID = userID
            self.groupID = groupID
        }
    }

    /// Where the daemon serves the devices of the system and of the containers.
    public var directory: String

    /// Where they usually are: `SYSGENID_DEVICES_DIR` in the environment, or /run/sysgenid/devices.
    public static var defaultDirectory: String {
        Surroundings.variable("SYSGENID_DEVICES_DIR") ?? "/run/sysgenid/devices"
    }

    /// The most containers that are listed.
    private static let listLimit = 65_536

    public init(in directory: String = Self.defaultDirectory) {
        self.directory = directory
    }

    /// Where the device of a container is, be it there or not: what is mounted to /dev/sysgenid of the container.
    public func path(of name: ContainerName) -> String { "\(folder(of: name))/sysgenid" }

    /// What triggers the generation of a container's device, alone, and waits for its watchers. Its owner may
    /// trigger it, and whoever may trigger the system's.
    public func overseer(of name: ContainerName) -> Overseer { Overseer(path: path(of: name)) }

    /// Makes a device. Where something of it fails, there is none. See mkdir(2), chown(2), setxattr(2).
    ///
    /// - Parameters:
    ///   - name: whose device it is.
    ///   - owner: who may trigger it; nil is who makes it.
    ///   - minimum: its first generation, 0 to 4294967295; nil is 0. A restored container must not meet the number
    ///     that it had elsewhere.
    /// - Throws: `ContainerFailure` with the reason `exists`, `full`, `notPermitted`, `invalidName`, `notServed`.
    public func make(
        _ name: ContainerName, owner: ContainerOwner? = nil, minimum: UInt32? = nil
    ) throws(ContainerFailure) {
        let folder = folder(of: name)
        try performing(.make) { () throws(SystemCallFailure) in
            try Files.makeDirectory(folder, permissions: 0o755)
        }
        do {
            if let minimum {
                try performing(.setMinimum) { () throws(SystemCallFailure) in
                    try Files.setAttribute(folder, "user.sysgenid.minimum", to: Array("\(minimum)".utf8))
                }
            }
            if let owner {
                try performing(.setOwner) { () throws(SystemCallFailure) in
                    try Files.setOwner(folder, userID: owner.userID, groupID: owner.groupID)
                }
            }
        } catch {
            try? Files.removeDirectory(folder)
            throw error
        }
    }

    /// Takes a device away. Who has it open, mapped or mounted keeps it, as a file that was unlinked. See rmdir(2).
    ///
    /// - Throws: `ContainerFailure` with the reason `notFound`, `notPermitted`, `notServed`.
    public func remove(_ name: ContainerName) throws(ContainerFailure) {
        try performing(.remove) { () throws(SystemCallFailure) in try Files.removeDirectory(folder(of: name)) }
    }

    /// Makes sure that there is a device for the container.
    ///
    /// - Throws: `ContainerFailure` with the reason `notFound`, `notServed`.
    public func require(_ name: ContainerName) throws(ContainerFailure) {
        _ = try performing(.find) { () throws(SystemCallFailure) in try Files.status(folder(of: name)) }
    }

    /// The containers that have a device, sorted by the bytes of their names. Each device is opened for a moment.
    ///
    /// - Throws: `ContainerFailure` with the reason `notServed`, `notPermitted`; `other` (`EOVERFLOW`) where there are
    ///   more than 65,536.
    public func list() throws(ContainerFailure) -> [Entry] {
        let names = try performing(.list) { () throws(SystemCallFailure) in
            try Files.names(in: containers, limit: Self.listLimit)
        }
        return names.compactMap(ContainerName.init).compactMap(entry)
    }

    /// nil where it was taken away meanwhile.
    private func entry(of name: ContainerName) -> Entry? {
        guard let status = try? Files.status(folder(of: name)), status.kind == .directory else { return nil }
        let probe = try? GenerationProbe(path: path(of: name), acceptsPublishedPage: false)
        return Entry(name: name, generation: probe?.load(), userID: status.userID, groupID: status.groupID)
    }

    private var containers: String { "\(directory)/containers" }

    private func folder(of name: ContainerName) -> String { "\(containers)/\(name)" }

    private func performing<Value>(
        _ operation: ContainerFailure.Operation, _ body: () throws(SystemCallFailure) -> Value
    ) throws(ContainerFailure) -> Value {
        do {
            return try body()
        } catch {
            throw ContainerFailure(operation, error, isServed: Files.exists(containers))
        }
    }
}
