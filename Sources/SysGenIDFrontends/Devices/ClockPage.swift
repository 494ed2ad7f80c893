import SysGenIDCore
import SysGenIDSystem

/// The page that shows a device's generation in the layout of a vmclock, in a file with a name that each daemon finds again.
final class ClockPage: Sendable {
    private let memory: NamedMemory

    /// Makes the file.
    ///
    /// - Parameter sequence: even.
    init(
        new path: String, generation: Generation, _ fields: VMClockFields, sequence: UInt32
    ) throws(SystemCallFailure) {
        memory = try NamedMemory(path, isNew: true)
        let afterMagic = VMClockLayout.Offset.magic + MemoryLayout<UInt32>.size
        VMClockLayout.page(size: memory.size, fields).withUnsafeBytes { page in
            memory.store(UnsafeRawBufferPointer(rebasing: page[afterMagic...]), at: afterMagic)
        }
        store(generation, nil, sequence: sequence)
        memory.store(VMClockLayout.magic.littleEndian, at: VMClockLayout.Offset.magic)
    }

    /// Takes the file that a predecessor has left, and makes it show the generation: the predecessor may have been killed
    /// before it had, or in the midst of it.
    ///
    /// - Parameter fields: nil where it is to show what it shows, without a clock: since then nobody has looked at the
    ///   hypervisor's.
    /// - Throws: `.invalidArgument` where it was killed before the page was one.
    init(left path: String, generation: Generation, _ fields: VMClockFields? = nil) throws(SystemCallFailure) {
        memory = try NamedMemory(path, isNew: false)
        guard UInt32(littleEndian: memory.load(UInt32.self, at: VMClockLayout.Offset.magic)) == VMClockLayout.magic
        else {
            throw SystemCallFailure("open", path, .invalidArgument)
        }
        let shown = self.fields
        let fields = fields ?? shown.withoutClock
        let isWhole = sequence.isMultiple(of: 2)
        let isOfGeneration = VMClockCounter.counter(of: generation, after: counter) == counter
        if !isWhole || !isOfGeneration || fields != shown {
            store(generation, fields, sequence: ClockSequence.next(after: sequence))
        }
    }

    var sequence: UInt32 { UInt32(littleEndian: memory.load(UInt32.self, at: VMClockLayout.Offset.sequence)) }

    var reading: ClockReading { ClockReading(sequence: sequence, counter: counter, fields: fields) }

    /// What it shows of the hypervisor's clock.
    var fields: VMClockFields {
        let identification = UInt32(littleEndian: memory.load(UInt32.self, at: VMClockLayout.Offset.version))
        return VMClockFields(identification: identification) { UInt64(littleEndian: memory.load(UInt64.self, at: $0)) }
    }

    var counter: UInt64 {
        UInt64(littleEndian: memory.load(UInt64.self, at: VMClockLayout.Offset.generationCounter))
    }

    /// Makes the generation visible in every mapping. Who reads under the sequence number meanwhile reads again: for as long
    /// as the stores take.
    ///
    /// - Parameters:
    ///   - fields: nil where those that it shows stay.
    ///   - floor: what the counter is not to be below.
    func store(_ generation: Generation, _ fields: VMClockFields?, sequence: UInt32, above floor: UInt64 = 0) {
        let counter = VMClockCounter.counter(of: generation, after: max(counter, floor))
        memory.store((sequence &- 1).littleEndian, at: VMClockLayout.Offset.sequence)
        if let fields { store(fields) }
        memory.store(counter.littleEndian, at: VMClockLayout.Offset.generationCounter)
        memory.store(sequence.littleEndian, at: VMClockLayout.Offset.sequence)
    }

    private func store(_ fields: VMClockFields) {
        for offset in VMClockFields.wordOffsets { memory.store(fields.word(at: offset).littleEndian, at: offset) }
        memory.store(fields.identification.littleEndian, at: VMClockLayout.Offset.version)
    }

    /// What a read at the offset returns: no bytes at the end.
    func contents(_ count: Int, at offset: Int64) -> [UInt8] {
        guard let offset = Int(exactly: offset), (0..<memory.size).contains(offset) else { return [] }
        return memory.load(min(max(count, 0), memory.size - offset), at: offset)
    }

    /// The file, for a backing of passthrough opens.
    func open() throws(SystemCallFailure) -> OwnedDescriptor { try memory.open() }
}

/// What changes in a page in the layout of a vmclock.
struct ClockReading: Hashable, Sendable {
    var sequence: UInt32
    var counter: UInt64
    var fields = VMClockFields()
}
