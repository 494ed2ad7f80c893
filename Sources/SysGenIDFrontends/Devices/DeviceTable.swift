import SysGenIDCore
import SysGenIDFuse
import SysGenIDSystem

/// The devices of containers, in a file that outlives every daemon of this boot: what they are called, whose they are and
/// which generation they have. As in `HandoverMemory`, what makes an entry valid is one word that is stored last.
///
/// | offset | content |
/// |-------:|---------|
/// |      0 | magic, version, how far the table was used, the request that took the last name away, the backing files of the system |
/// |   4096 | the devices, 256 bytes each; the places 0 and 1 stay empty |
final class DeviceTable: Sendable {
    private let memory: SharedMemory

    /// What there is room for, those whose name was taken away among them.
    static let capacity = 65_536

    private enum Layout {
        /// "SysGenCo" on a little-endian machine.
        static let magic: UInt64 = 0x6f43_6e65_4773_7953
        static let version: UInt32 = 1
        static let (versionOffset, slotsUsed, removal) = (8, 12, 16)
        static let (systemBacking, systemClockBacking) = (24, 28)

        /// Flags in the upper half, how many devices the place had before in the lower.
        static let state = 0
        /// The system's generation in the upper half, with which the device has the one in the lower.
        static let generation = 8
        static let (user, group, permissions, backing) = (16, 20, 24, 28)
        static let (time, making, lookups, minimum, nameLength, name) = (32, 40, 48, 56, 60, 64)
        static let nameLimit = 64
        static let clockBacking = 128
        static let size = 256

        static func offset(of slot: Int) -> Int { 4096 + size * slot }
    }

    /// Opens the file, or makes it: one of zeros is an empty table, of which only what is used takes memory.
    ///
    /// - Parameter pages: the directory of the pages of the devices.
    init(_ path: String, pages: String) throws(ContainerObstacle) {
        let (size, isNew) = (Layout.offset(of: Self.capacity), !Files.exists(path))
        do throws(SystemCallFailure) {
            guard let file = try NamedFile.ownPlainFile(path),
                case let status = try file.status(), status.userID == OwnProcess.effectiveUserID
            else { throw SystemCallFailure("open", path, .notPermitted) }
            // One that was cut off would look as if its devices had been removed. A daemon that was killed as it made it has
            // left no pages.
            guard status.size == size || status.size == 0 && (isNew || !Self.hasFiles(pages)) else {
                throw SystemCallFailure("open", path, .badAddress)
            }
            memory = try SharedMemory(file: path, size: size)
        } catch {
            throw switch error.errno {
            case .notPermitted: .foreign(path)
            case .badAddress: .damaged(.broken("its length"))
            case .invalidArgument: .notInMemory(path)
            default: .system(error)
            }
        }
    }

    private static func hasFiles(_ directory: String) -> Bool {
        (try? Files.names(in: directory, limit: capacity))?.isEmpty == false
    }

    private func begin() {
        memory.store(UInt32(DeviceID.firstSlot), at: Layout.slotsUsed)
        memory.store(Layout.version, at: Layout.versionOffset)
        memory.store(Layout.magic, at: 0)
    }

    // MARK: Reading

    /// A place, and what it holds.
    typealias Place = (id: DeviceID, entry: DeviceEntry?)

    /// What each place holds, as far as places were used. Nothing is believed.
    func contents() throws(HandoverDefect) -> [Place] {
        guard memory.load(UInt64.self, at: 0) == Layout.magic else {
            guard memory.load(UInt64.self, at: 0) == 0, memory.load(UInt32.self, at: Layout.slotsUsed) == 0 else {
                throw .noMemoryOfOurs
            }
            begin()
            return []
        }
        let version = memory.load(UInt32.self, at: Layout.versionOffset)
        guard version == Layout.version else { throw .otherTableVersion(version, known: Layout.version) }
        let used = Int(memory.load(UInt32.self, at: Layout.slotsUsed))
        guard (DeviceID.firstSlot...Self.capacity).contains(used) else { throw .broken("the number of devices") }
        var names: Set<String> = []
        var contents: [Place] = []
        for slot in DeviceID.firstSlot..<used {
            let (id, entry) = try place(slot)
            if let entry, !entry.isNameless, !names.insert(entry.name).inserted { throw .broken("a device's name") }
            contents.append((id, entry))
        }
        return contents
    }

    private func place(_ slot: Int) throws(HandoverDefect) -> (DeviceID, DeviceEntry?) {
        let offset = Layout.offset(of: slot)
        let state = memory.load(UInt64.self, at: offset + Layout.state)
        let uses = UInt32(truncatingIfNeeded: state)
        let flags = DeviceEntry.Flags(rawValue: UInt32(truncatingIfNeeded: state >> 32))
        guard uses <= DeviceID.usesLimit, flags.isSubset(of: .all) else { throw .broken("a device") }
        let id = DeviceID(slot: slot, uses: uses)
        guard flags.contains(.isThere) else { return (id, nil) }
        let length = Int(memory.load(UInt32.self, at: offset + Layout.nameLength))
        guard (1...Layout.nameLimit).contains(length),
            let name = DeviceEntry.name(memory.load(length, at: offset + Layout.name))
        else { throw .broken("a device's name") }
        let generations = memory.load(UInt64.self, at: offset + Layout.generation)
        var entry = DeviceEntry(
            name: name, userID: memory.load(UInt32.self, at: offset + Layout.user),
            groupID: memory.load(UInt32.self, at: offset + Layout.group),
            permissions: memory.load(UInt32.self, at: offset + Layout.permissions) & 0o7777,
            time: Int(Int64(bitPattern: memory.load(UInt64.self, at: offset + Layout.time))))
        entry.flags = flags
        entry.backing = try backing(at: offset + Layout.backing)
        entry.clockBacking = try backing(at: offset + Layout.clockBacking)
        entry.making = memory.load(UInt64.self, at: offset + Layout.making)
        entry.lookups = LookupCount(word: memory.load(UInt64.self, at: offset + Layout.lookups))
        entry.minimum = memory.load(UInt32.self, at: offset + Layout.minimum)
        entry.generation = Generation(rawValue: UInt32(truncatingIfNeeded: generations))
        entry.systemGeneration = Generation(rawValue: UInt32(truncatingIfNeeded: generations >> 32))
        return (id, entry)
    }

    private func backing(at offset: Int) throws(HandoverDefect) -> BackingID? {
        let backing = BackingID(bitPattern: memory.load(UInt32.self, at: offset))
        guard backing >= 0 else { throw .broken("a backing file") }
        return backing == 0 ? nil : backing
    }

    /// What the kernel knows the system's files by.
    func systemBackings() throws(HandoverDefect) -> SystemBackings {
        SystemBackings(
            device: try backing(at: Layout.systemBacking), clock: try backing(at: Layout.systemClockBacking))
    }

    /// How many devices a place had before the one that it has, or will have.
    func uses(of slot: Int) -> UInt32 {
        UInt32(truncatingIfNeeded: memory.load(UInt64.self, at: Layout.offset(of: slot) + Layout.state))
    }

    /// The request that took the last name away.
    var removal: UInt64 { memory.load(UInt64.self, at: Layout.removal) }

    // MARK: Writing

    /// There is a new device.
    func add(_ entry: DeviceEntry, as id: DeviceID) {
        let offset = Layout.offset(of: id.slot)
        use(upTo: id.slot)
        Array(entry.name.utf8).withUnsafeBytes { memory.store($0, at: offset + Layout.name) }
        memory.store(UInt32(entry.name.utf8.count), at: offset + Layout.nameLength)
        memory.store(UInt64(bitPattern: Int64(entry.time)), at: offset + Layout.time)
        update(entry, of: id)
    }

    /// The table is used as far as this place, or farther.
    func use(upTo slot: Int) {
        guard slot >= Int(memory.load(UInt32.self, at: Layout.slotsUsed)) else { return }
        memory.store(UInt32(slot + 1), at: Layout.slotsUsed)
    }

    /// Something has changed of a device but its generation, or it is new.
    func update(_ entry: DeviceEntry, of id: DeviceID) {
        let offset = Layout.offset(of: id.slot)
        memory.store(entry.userID, at: offset + Layout.user)
        memory.store(entry.groupID, at: offset + Layout.group)
        memory.store(entry.permissions, at: offset + Layout.permissions)
        memory.store(entry.making, at: offset + Layout.making)
        memory.store(UInt32(bitPattern: entry.backing ?? 0), at: offset + Layout.backing)
        memory.store(UInt32(bitPattern: entry.clockBacking ?? 0), at: offset + Layout.clockBacking)
        memory.store(entry.minimum, at: offset + Layout.minimum)
        memory.store(entry.lookups.word, at: offset + Layout.lookups)
        store(entry.generation, of: id, with: entry.systemGeneration)
        memory.store(UInt64(entry.flags.rawValue) << 32 | UInt64(id.uses), at: offset + Layout.state)
    }

    func store(_ backings: SystemBackings) {
        memory.store(UInt32(bitPattern: backings.device ?? 0), at: Layout.systemBacking)
        memory.store(UInt32(bitPattern: backings.clock ?? 0), at: Layout.systemClockBacking)
    }

    /// The device has this generation, while the system has that one.
    func store(_ generation: Generation, of id: DeviceID, with system: Generation) {
        let word = UInt64(system.rawValue) << 32 | UInt64(generation.rawValue)
        memory.store(word, at: Layout.offset(of: id.slot) + Layout.generation)
    }

    /// The kernel has learned of the device's directory, or forgotten it.
    func store(_ lookups: LookupCount, of id: DeviceID) {
        memory.store(lookups.word, at: Layout.offset(of: id.slot) + Layout.lookups)
    }

    /// A name is about to be taken away by this request.
    func remove(by request: UInt64) {
        memory.store(request, at: Layout.removal)
    }

    /// The device is no more: its place is free for another one.
    func release(_ id: DeviceID) {
        let next = DeviceID(slot: id.slot, uses: id.uses &+ 1)
        memory.store(UInt64(next.uses), at: Layout.offset(of: id.slot) + Layout.state)
    }
}

/// What the kernel knows the system's files in the directory of devices by, where it has backing files. While anybody has
/// one of them open, it refuses to open it with another (fs/fuse/iomode.c, 6.9).
struct SystemBackings: Hashable, Sendable {
    var device: BackingID?
    /// Of the page in the layout of a vmclock.
    var clock: BackingID?
}
