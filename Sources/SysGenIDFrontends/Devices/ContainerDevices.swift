public import SysGenIDCore
import SysGenIDFuse
import SysGenIDSystem

/// The devices of containers, with what clients map of each. The service has them behind its lock.
public struct ContainerDevices: Sendable {
    let table: DeviceTable
    private let pages: String
    /// How many may have a name.
    let limit: Int
    private(set) var devices: [DeviceID: ContainerDevice] = [:]
    let systemClock: ClockPage
    var systemBackings: SystemBackings {
        didSet { table.store(systemBackings) }
    }
    /// How often a process had written to the page of any.
    private(set) var pageOverwrites: UInt64 = 0
    private var names: [String: DeviceID] = [:]
    private(set) var places = DevicePlaces()

    /// Goes on with those that a predecessor has left in the directory.
    ///
    /// - Parameters:
    ///   - directory: where the table and the pages lie, in memory.
    ///   - system: the generation that the system has now. A device that had its own with another one lacks a change.
    ///   - last: the last change of a predecessor, where it was one of a device alone.
    ///   - isContinued: whether those who have something open go on.
    public init(
        in directory: String, limit: Int, system: Generation, last: DeviceChange?, isContinued: Bool
    ) throws {
        self.limit = limit
        pages = "\(directory)/pages"
        try Files.makeDirectories(pages, permissions: 0o700)
        let found: DeviceTable
        var contents: [DeviceTable.Place] = []
        do throws(ContainerObstacle) {
            (found, contents) = try Self.readTable(in: directory)
            defect = nil
        } catch {
            guard case .damaged(let damage) = error else { throw error }
            try Files.remove(Self.tablePath(in: directory))
            (found, contents) = try Self.readTable(in: directory)
            defect = damage
        }
        table = found
        systemClock = try Self.systemClock(at: Self.clockPath(of: .system, in: pages), system)
        systemBackings = isContinued ? try table.systemBackings() : SystemBackings()
        if !isContinued { table.store(systemBackings) }
        // A new connection begins to count its requests again.
        if !isContinued { table.remove(by: 0) }
        for (id, entry) in contents {
            places.found(id)
            guard var entry, isContinued || !entry.isNameless else {
                if entry != nil { forget(id) } else { places.free(id) }
                continue
            }
            if let last, last.device == id {
                entry.generation = last.generation
            } else if entry.systemGeneration != system {
                entry.generation = entry.generation.next()
            }
            entry.systemGeneration = system
            if !isContinued { entry.forgetConnection() }
            try take(entry, as: id)
        }
        if let last { retire(last.device) }
    }

    /// The last change of a predecessor names a device that is not in the table, which was begun anew: the next daemon
    /// would take that change for one of another device with the same number.
    private mutating func retire(_ id: DeviceID) {
        guard !places.isTaken(id.slot), id.slot < DeviceTable.capacity, table.uses(of: id.slot) <= id.uses else {
            return
        }
        places.skip(to: id)
        table.use(upTo: id.slot)
        forget(id)
    }

    /// Why the table of a predecessor could not be read; nil where it could.
    public let defect: HandoverDefect?

    private mutating func take(_ entry: DeviceEntry, as id: DeviceID) throws(SystemCallFailure) {
        let page: NamedPage
        do throws(SystemCallFailure) {
            page = try NamedPage(path(of: id), isNew: false, generation: entry.generation.rawValue)
        } catch {
            try? Files.remove(path(of: id))
            page = try NamedPage(path(of: id), isNew: true, generation: entry.generation.rawValue)
        }
        table.update(entry, of: id)
        // A predecessor may have come no further than to the system's.
        let clock = Self.leftClock(at: clockPath(of: id), entry.generation, systemClock.fields)
        hold(
            ContainerDevice(
                entry: entry, page: page, clock: clock, mayBeWritten: entry.flags.contains(.wasOpened)), as: id)
        if !entry.isNameless { names[entry.name] = id }
    }

    private mutating func hold(_ device: ContainerDevice, as id: DeviceID) {
        devices[id] = device
        places.hold(id)
    }

    private func path(of id: DeviceID) -> String { "\(pages)/\(id.slot)-\(id.uses)" }

    func clockPath(of id: DeviceID) -> String { Self.clockPath(of: id, in: pages) }

    private static func clockPath(of id: DeviceID, in pages: String) -> String {
        "\(pages)/\(id.slot)-\(id.uses).vmclock"
    }

    // MARK: Finding

    /// How many have a name.
    var count: Int { names.count }

    func device(named name: String) -> DeviceID? { names[name] }

    // MARK: Changing

    /// Makes a device.
    ///
    /// - Parameter register: gives its page to the kernel, where that has backing files.
    mutating func add(
        _ made: DeviceEntry, _ register: (borrowing OwnedDescriptor) -> BackingID?
    ) throws(Refusal) -> DeviceID {
        guard names[made.name] == nil else { throw .nameTaken }
        guard names.count < limit, let id = places.take() else { throw .tooManyDevices }
        var entry = made
        // A predecessor may have come no further than to the page.
        try? Files.remove(path(of: id))
        do throws(SystemCallFailure) {
            let page = try NamedPage(path(of: id), isNew: true, generation: entry.generation.rawValue)
            entry.backing = register(try page.open())
            table.add(entry, as: id)
            hold(ContainerDevice(entry: entry, page: page, mayBeWritten: false), as: id)
            names[entry.name] = id
            return id
        } catch {
            try? Files.remove(path(of: id))
            places.free(id)
            throw .tooManyDevices
        }
    }

    /// Gives the kernel the pages that it has not.
    mutating func registerAll(_ register: (borrowing OwnedDescriptor) -> BackingID?) {
        for (id, device) in devices where device.entry.backing == nil {
            guard let file = try? device.page.open() else { continue }
            update(id) { $0.backing = register(file) }
        }
    }

    /// Takes the device's name away.
    mutating func unname(_ id: DeviceID, by request: UInt64) {
        guard let entry = devices[id]?.entry, !entry.isNameless else { return }
        table.remove(by: request)
        names[entry.name] = nil
        update(id) { $0.flags.insert(.isNameless) }
    }

    /// Changes what is handed over of a device.
    mutating func update(_ id: DeviceID, _ body: (inout DeviceEntry) -> Void) {
        guard devices[id] != nil else { return }
        body(&devices[id]!.entry)
        table.update(devices[id]!.entry, of: id)
    }

    /// The device has a new generation, while the system has that one: clients see it from here on.
    ///
    /// - Parameters:
    ///   - fields: what its page in the layout of a vmclock is to show besides; nil where that stays.
    ///   - sequence: of that page.
    mutating func store(
        _ generation: Generation, _ fields: VMClockFields?, sequence: UInt32, of id: DeviceID, with system: Generation
    ) {
        // Looked up once: a change of the system is one of thousands.
        guard let index = devices.index(forKey: id) else { return }
        devices.values[index].entry.generation = generation
        devices.values[index].entry.systemGeneration = system
        table.store(generation, of: id, with: system)
        devices.values[index].page.store(generation.rawValue)
        devices.values[index].clock?.store(generation, fields, sequence: sequence)
    }

    mutating func keep(_ clock: ClockPage, of id: DeviceID) {
        devices[id]?.clock = clock
    }

    /// A process has written to the device's page, which is right again.
    mutating func wasOverwritten(_ id: DeviceID) {
        devices[id]?.pageOverwrites &+= 1
        pageOverwrites &+= 1
    }

    mutating func countLookups(of id: DeviceID, _ body: (inout LookupCount) -> Void) {
        guard devices[id] != nil else { return }
        body(&devices[id]!.entry.lookups)
        table.store(devices[id]!.entry.lookups, of: id)
    }

    /// A program opens the device.
    mutating func opened(_ id: DeviceID, isForWriting: Bool) {
        guard let device = devices[id] else { return }
        if isForWriting, !device.mayBeWritten { devices[id]!.mayBeWritten = true }
        if !device.entry.flags.contains(.wasOpened) { update(id) { $0.flags.insert(.wasOpened) } }
    }

    /// The device is no more.
    ///
    /// - Returns: what the kernel knows its pages by.
    mutating func release(_ id: DeviceID) -> [BackingID] {
        guard let device = devices.removeValue(forKey: id) else { return [] }
        forget(id)
        return [device.entry.backing, device.entry.clockBacking].compactMap(\.self)
    }

    private mutating func forget(_ id: DeviceID) {
        try? Files.remove(path(of: id))
        try? Files.remove(clockPath(of: id))
        table.release(id)
        places.release(id)
    }
}
