public import SysGenIDCore

/// What is told of a container's device to those who look after many of them.
public struct ContainerFigures: Hashable, Sendable {
    /// The name of the container.
    public var name: String
    public var generation: Generation
    /// How many watchers the device has of each kind.
    public var census: Census
    /// How often a process had written to its page, since the daemon started.
    public var pageOverwrites: UInt32

    public init(name: String, generation: Generation, census: Census, pageOverwrites: UInt32 = 0) {
        self.name = name
        self.generation = generation
        self.census = census
        self.pageOverwrites = pageOverwrites
    }
}

/// Another one whenever the figures of any container may be others.
public struct ContainerFiguresVersion: Hashable, Sendable {
    var revision: UInt64
    var named: Int
    var pageOverwrites: UInt64
}

extension GenerationService {
    /// Says cheaply whether there is anything new in `containerFigures`; nil where containers have no devices.
    public var containerFiguresVersion: ContainerFiguresVersion? {
        guarded.withLock { guarded in
            guarded.containers.map {
                ContainerFiguresVersion(
                    revision: guarded.registry.containerRevision, named: $0.count, pageOverwrites: $0.pageOverwrites)
            }
        }
    }

    /// The figures of each container with a device, all of the same moment.
    public var containerFigures: [ContainerFigures] {
        guarded.withLock { guarded in
            guard let containers = guarded.containers else { return [] }
            return containers.named.map { id, device in
                ContainerFigures(
                    name: device.entry.name, generation: device.entry.generation,
                    census: guarded.registry.census(of: id), pageOverwrites: device.pageOverwrites)
            }
        }
    }
}
