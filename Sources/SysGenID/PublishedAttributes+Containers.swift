internal import SysGenIDSystem

extension PublishedAttributes {
    /// What of all this is about the device of a container, with the figures of that one, which are as old as a second.
    ///
    /// The changes and the processes that are outdated are those of the system, so they are nil.
    ///
    /// - Parameters:
    ///   - container: whose device it is.
    ///   - devices: where the container has its device.
    ///   - directory: where the daemon publishes.
    /// - Returns: nil where what is published is not of the daemon that serves those devices.
    public func narrowed(
        to container: ContainerName, of devices: ContainerDevices = ContainerDevices(),
        in directory: String = Self.defaultDirectory
    ) -> PublishedAttributes? {
        guard let devicesDirectory,
            Surroundings.resolvedPath(devicesDirectory) == Surroundings.resolvedPath(devices.directory)
        else { return nil }
        let figures = ContainerFigures(of: container, in: directory)
        var narrowed = self
        (narrowed.device, narrowed.frontends) = (devices.path(of: container), frontends.map { _ in ["fuse"] })
        narrowed.generation = figures["generation"].map(Generation.init(rawValue:))
        narrowed.watchers = figures["watchers"].map(Int.init)
        narrowed.tracked = figures["tracked_watchers"].map(Int.init)
        narrowed.outdated = figures["outdated_watchers"].map(Int.init)
        (narrowed.containers, narrowed.changes, narrowed.outdatedProcesses) = (nil, nil, nil)
        (narrowed.vmclockCounter, narrowed.hasVMClockTime) = (nil, nil)
        return narrowed
    }
}

/// The metrics of one container, as the daemon publishes them.
private struct ContainerFigures {
    private let text: String
    private let container: ContainerName

    /// More than there can be of 32,768 containers with the longest names.
    private static let limit = 32 << 20

    init(of container: ContainerName, in directory: String) {
        self.container = container
        let contents = try? Files.read("\(directory)/containers.prom", limit: Self.limit)
        text = String(decoding: contents ?? [], as: UTF8.self)
    }

    /// nil where there is no such figure.
    subscript(name: String) -> UInt32? {
        let start = "sysgenid_container_\(name){container=\"\(container)\"} "
        let line = text.utf8.split(separator: UInt8(ascii: "\n")).first { $0.starts(with: start.utf8) }
        return line.flatMap { AttributeText.number(String(Substring($0.dropFirst(start.utf8.count)))) }
    }
}
