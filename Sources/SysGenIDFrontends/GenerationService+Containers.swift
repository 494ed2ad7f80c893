import SysGenIDCore
import SysGenIDFuse
import SysGenIDSystem

// The devices of containers. All of it happens under the one lock.

extension GenerationService {
    /// Whether containers can have devices.
    public var hasContainers: Bool { guarded.withLock { $0.containers != nil } }

    /// How many containers have a device.
    public var containerCount: Int { guarded.withLock { $0.containers?.count ?? 0 } }

    /// What is handed over of a container's device; nil where there is none of that number.
    func entry(of device: DeviceID) -> DeviceEntry? {
        guarded.withLock { $0.containers?.devices[device]?.entry }
    }

    /// The device of that name, with what is known of it. The kernel learns of its directory by this message.
    func lookedUp(_ name: String, in message: UInt64) -> (id: DeviceID, entry: DeviceEntry)? {
        guarded.withLock { guarded in
            guard let id = guarded.containers?.device(named: name) else { return nil }
            guarded.containers?.countLookups(of: id) { $0.change(by: 1, in: message) }
            return guarded.containers?.devices[id].map { (id, $0.entry) }
        }
    }

    /// The kernel did not learn of it.
    func lookupFailed(_ device: DeviceID) {
        guarded.withLock { $0.containers?.countLookups(of: device) { $0.takeBack() } }
    }

    /// The kernel has forgotten the directory of a device, so many times.
    func forgot(_ device: DeviceID, _ count: UInt64, in message: UInt64) {
        guarded.withLock { guarded in
            guarded.containers?.countLookups(of: device) { $0.change(by: -Int64(clamping: count), in: message) }
            guarded.releaseIfUnused(device)
        }
    }

    /// Those with a name, from a place of the table on.
    func listedContainers(from slot: Int) -> [(slot: Int, id: DeviceID, name: String)] {
        guarded.withLock { $0.containers?.listed(from: slot) ?? [] }
    }

    /// Makes a device for a container, or finds the one that a predecessor has made for the same request.
    func addContainer(
        _ made: DeviceEntry, _ register: (borrowing OwnedDescriptor) -> BackingID?
    ) throws(Refusal) -> (id: DeviceID, entry: DeviceEntry) {
        censusSignal.raise()
        return try guarded.withLock { guarded throws(Refusal) in
            guard guarded.containers != nil, !guarded.registry.isEnding else { throw .shuttingDown }
            if let known = guarded.containers!.device(named: made.name),
                let entry = guarded.containers!.devices[known]?.entry, entry.making == made.making
            {
                return (known, entry)
            }
            var made = made
            made.systemGeneration = guarded.registry.current
            made.lookups.change(by: 1, in: made.making)
            let id = try guarded.containers!.add(made, register)
            guarded.registry.added(id, at: made.generation)
            return (id, guarded.containers!.devices[id]!.entry)
        }
    }

    /// Takes the name of a container's device away. Who has it keeps it.
    func removeContainer(_ name: String, by request: UInt64) throws(Refusal) {
        censusSignal.raise()
        try guarded.withLock { guarded throws(Refusal) in
            guard let id = guarded.containers?.device(named: name) else {
                // A predecessor may have done it already.
                guard guarded.containers?.table.removal == request else { throw .noSuchDevice }
                return
            }
            guarded.containers?.unname(id, by: request)
        }
    }

    /// Changes whose the device is, and who may open it.
    func changeContainer(_ device: DeviceID, _ change: AttributeChange) -> DeviceEntry? {
        guarded.withLock { guarded in
            guarded.containers?.update(device) { entry in
                entry.permissions = change.permissions ?? entry.permissions
                entry.userID = change.userID ?? entry.userID
                entry.groupID = change.groupID ?? entry.groupID
            }
            return guarded.containers?.devices[device]?.entry
        }
    }

    /// Lets a device that nobody has opened yet begin at a generation.
    func beginContainer(_ device: DeviceID, at minimum: UInt32) throws(Refusal) {
        try guarded.withLock { guarded throws(Refusal) in
            guard let entry = guarded.containers?.devices[device]?.entry else { throw .noSuchDevice }
            guard !entry.flags.contains(.wasOpened) else { throw .alreadyOpened }
            let step = guarded.registry.began(device, at: Generation(rawValue: minimum))
            guard step.answer == .done else { throw .alreadyOpened }
            // A successor tells of no minimum that the device does not have.
            guarded.storeContainer(Generation(rawValue: minimum), of: device)
            guarded.containers?.update(device) { entry in
                entry.minimum = minimum
                entry.flags.insert(.hasMinimum)
            }
        }
    }

    /// Whether the user is the one that the watcher's device was given to: what is still root's was given to nobody.
    func isOwner(_ userID: UInt32, of watcher: WatcherID) -> Bool {
        guard userID != 0 else { return false }
        return guarded.withLock { guarded in
            guard let device = guarded.registry.device(of: watcher), device != .system else { return false }
            return guarded.containers?.devices[device]?.entry.userID == userID
        }
    }

    /// What the kernel knows the page of the system's device by, in the directory of devices.
    var systemBacking: BackingID? { guarded.withLock { $0.containers?.systemBackings.device } }

    /// Gives the kernel the pages of those devices that have none there.
    func registerContainers(_ register: (borrowing OwnedDescriptor) -> BackingID?) {
        guarded.withLock { guarded in
            guarded.containers?.registerSystem(page.file, register)
            guarded.containers?.registerAll(register)
        }
    }

    /// What the kernel is to be told that it can give up: the pages of devices that are no more.
    func takeReleasedBackings() -> [BackingID] {
        guarded.withLock { guarded in
            defer { guarded.releasedBackings = [] }
            return guarded.releasedBackings
        }
    }

    /// Looks at the pages of containers' devices as at the system's.
    func checkContainers() {
        let found: [ServiceEvent] = guarded.withLock { guarded in
            guard let containers = guarded.containers else { return [] }
            return containers.devices.compactMap { id, device in
                let generation = device.entry.generation
                guard device.mayBeWritten, !device.page.holdsOnly(generation.rawValue) else { return nil }
                let seen = device.page.load()
                device.page.restore(generation.rawValue)
                guarded.registry.sawForged(seen, of: id)
                guarded.containers?.wasOverwritten(id)
                return .containerPageOverwritten(device.entry.name, seen: seen, generation: generation)
            }
        }
        found.forEach(report)
    }
}

extension GenerationService.Guarded {
    /// Stores a container's generation where its clients see it.
    mutating func storeContainer(_ generation: Generation, of device: DeviceID) {
        guard let sequence = registry.clockSequence(of: device) else { return }
        containers?.store(generation, newFields, sequence: sequence, of: device, with: registry.current)
    }

    /// The generations of all devices.
    var current: [DeviceChange] {
        let own = containers?.devices.map { change(of: $0.key, to: $0.value.entry.generation) } ?? []
        return [change(of: .system, to: registry.current)] + own
    }

    /// What a device shows with its new generation, which is stored already.
    func change(of device: DeviceID, to generation: Generation) -> DeviceChange {
        var change = DeviceChange(device: device, generation: generation)
        change.clock = containers?.clock(of: device)?.reading
        return change
    }

    /// Lets a device go whose name was taken away, and that nobody has any more: the kernel forgets a directory after all
    /// that was in it.
    mutating func releaseIfUnused(_ device: DeviceID) {
        guard let entry = containers?.devices[device]?.entry, entry.isNameless, entry.lookups.count == 0,
            registry.released(device)
        else { return }
        releasedBackings += containers?.release(device) ?? []
    }
}
