import StateModel
import SysGenIDCore
import SysGenIDFuse
import SysGenIDSystem
import TestSupport
import Testing

@testable import SysGenIDFrontends

/// A daemon's service with the devices of containers, which continues with what another one has left.
final class ContainerHost {
    /// What is left at one moment: the memory, the page, the journal, the table, and the pages that have names.
    struct Remains {
        var files: [[UInt8]]

        mutating func take(_ deed: Deed) {
            guard case .stored(let file, let offset, let bytes) = deed else { return }
            files[file].replaceSubrange(offset..<offset + bytes.count, with: bytes)
        }

        func word(in file: Int) -> UInt32 { files[file].withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) } }

        /// What programs had read of the pages in the layout of a vmclock.
        var counters: [UInt64] {
            files[ContainerHost.firstClock...].map { page in
                page.withUnsafeBytes {
                    $0.loadUnaligned(fromByteOffset: VMClockLayout.Offset.generationCounter, as: UInt64.self)
                }
            }
        }
    }

    /// What is known of the devices.
    struct Known: Equatable {
        var system: Generation
        /// Of the system's page in the layout of a vmclock. The clock itself a successor does not show before it has looked.
        var disruptionMarker: UInt64
        var entries: [DeviceID: DeviceEntry]
    }

    /// The devices whose pages are kept; others' are made anew where they are missing.
    static let paged = [DeviceID(slot: 2, uses: 0), DeviceID(slot: 3, uses: 0)]
    /// The same of their pages in the layout of a vmclock.
    static let clocked = [DeviceID.system, DeviceID(slot: 2, uses: 0)]
    /// The names of these, in this order.
    private static let names = paged.map { "\($0.slot)-\($0.uses)" } + clocked.map { "\($0.slot)-\($0.uses).vmclock" }
    /// Where they are among what is left.
    static let firstPage = 4
    static let firstClock = firstPage + paged.count
    private static let limits = Limits(watchers: 16)
    /// The table as far as it is used here.
    private static let tableSize = 4_096 + 16 * 256
    private static let wholeTableSize: Int64 = 4_096 + 65_536 * 256

    let service: GenerationService
    private let scratch: Scratch
    private let memory: SharedMemory
    private let page: CounterPage
    private let journal: WatchedJournal
    private let table: NamedFile

    /// One without devices.
    convenience init() throws {
        let memory = try #require(try HandoverMemory(device: "/dev/sysgenid", limits: Self.limits))
        memory.commit(Record(generation: .fresh))
        try self.init(continuing: Remains(files: [memory.memory.load(memory.memory.size, at: 0)]))
    }

    init(continuing remains: Remains) throws {
        scratch = try Scratch(in: "/dev/shm")
        let memory = try SharedMemory(named: "sysgenid-watchers", size: remains.files[0].count)
        remains.files[0].withUnsafeBytes { memory.store($0, at: 0) }
        self.memory = memory
        let hasMore = remains.files.count > 1
        page = try CounterPage(generation: hasMore ? remains.word(in: 1) : 0)
        journal = try WatchedJournal(hasMore ? remains.word(in: 2) : 0)
        let path = scratch.path("device-table")
        if hasMore {
            let left = try NamedFile(path, [.readWrite, .create])
            try left.write(remains.files[3], at: 0)
            try left.setLength(Self.wholeTableSize)
            try Files.makeDirectories(scratch.path("pages"), permissions: 0o700)
            for (name, bytes) in zip(Self.names, remains.files[Self.firstPage...]) {
                try NamedFile(scratch.path("pages/\(name)"), [.readWrite, .create]).write(bytes, at: 0)
            }
        }
        let handover = try Handover(continuing: memory, page)
        let inheritance = try #require(handover.inheritance)
        let containers = try ContainerDevices(
            in: scratch.path, limit: 9, system: inheritance.record.generation, last: inheritance.lastContainerChange,
            isContinued: true)
        try #require(containers.defect == nil, "the table is damaged")
        table = try NamedFile(path, .readWrite)
        service = try GenerationService(
            continuing: inheritance.record, limits: Self.limits, journal: journal, handover: handover,
            containers: containers
        ) { _ in }
        service.finishInheritedChange()
    }

    var known: Known {
        service.guarded.withLock { guarded in
            Known(
                system: guarded.registry.current,
                disruptionMarker: guarded.containers?.systemClock.fields.disruptionMarker ?? 0,
                entries: guarded.containers?.devices.mapValues(\.entry) ?? [:])
        }
    }

    /// The devices whose page shows something else than their generation.
    var wrongPages: [DeviceID] {
        let containers = service.guarded.withLock { $0.containers?.devices ?? [:] }
        let wrong = containers.filter { !$0.value.page.holdsOnly($0.value.entry.generation.rawValue) }.map(\.key)
        return (page.load() == service.current.rawValue ? wrong : wrong + [.system]) + wrongClocks
    }

    /// What the hypervisor's vmclock says with a number, which is everywhere in it.
    static func clock(_ number: UInt64) -> HostClock {
        var fields = VMClockFields()
        (fields.counterID, fields.status, fields.disruptionMarker) = (1, 2, number)
        (fields.counterValue, fields.counterPeriod, fields.seconds) = (number, number, number)
        (fields.fraction, fields.estimatedError, fields.maximumError) = (number, number, number)
        return HostClock(fields, isAnnounced: true)
    }

    /// Whether it is such a clock, or none.
    private static func isWhole(_ fields: VMClockFields) -> Bool {
        [clock(fields.disruptionMarker).fields, fields.withoutClock].contains(fields)
    }

    /// Whether the system's page shows a clock.
    var hasClock: Bool { service.clockFigures?.hasClock ?? false }

    /// Those whose page in the layout of a vmclock is being written, or shows another one, or another clock than the system's.
    private var wrongClocks: [DeviceID] {
        service.guarded.withLock { guarded in
            ([.system] + (guarded.containers?.devices.map(\.key) ?? [])).filter { id in
                guard let reading = guarded.containers?.clock(of: id)?.reading else { return false }
                let generation = guarded.registry.generation(of: id)
                return !reading.sequence.isMultiple(of: 2) || !Self.isWhole(reading.fields)
                    || reading.fields != guarded.containers?.systemClock.fields
                    || reading.sequence != guarded.registry.clockSequence(of: id)
                    || UInt32(truncatingIfNeeded: reading.counter) != generation?.rawValue
            }
        }
    }

    /// What a program reads of them.
    var counters: [UInt64] {
        service.guarded.withLock { guarded in
            Self.clocked.map { guarded.containers?.clock(of: $0)?.reading.counter ?? 0 }
        }
    }

    var remains: Remains {
        get throws {
            let pages = try Self.names.map { name in
                try NamedFile(scratch.path("pages/\(name)"), .readOnly).read(upTo: CounterPage.size)
            }
            let words = [page.load(), journal.memory.load(UInt32.self, at: 0)].map { word in
                withUnsafeBytes(of: word, Array.init)
            }
            let contents = try NamedFile(scratch.path("device-table"), .readOnly).read(upTo: Self.tableSize)
            return Remains(files: [memory.load(memory.size, at: 0)] + words + [contents] + pages)
        }
    }

    /// What it does that outlives it, in the order in which it does.
    func deeds(of event: () throws -> Void) throws -> [Deed] {
        let pages = try Self.names.map { name in try openFile(scratch.path("pages/\(name)"), .readOnly).release() }
        defer { pages.forEach { _ = OwnedDescriptor(owning: $0) } }
        let log = try StoreLog(
            of: [
                memory.file.rawValue, page.file.rawValue, journal.memory.file.rawValue, table.descriptor.rawValue,
            ] + pages, and: -1)
        try event()
        return log.take()
    }
}
