import SysGenIDCore
import SysGenIDSystem

/// What the kernel's cache shows of a file.
enum CachedContents: Hashable, Sendable {
    case generation(Generation)
    /// A page in the layout of a vmclock.
    case clock(ClockReading)

    /// What a page is filled with that is not in the cache.
    var bytes: [UInt8] {
        switch self {
        case .generation(let generation): withUnsafeBytes(of: generation.rawValue, Array.init)
        case .clock(let reading): reading.page
        }
    }

    /// What is stored in the cache, in this order, when it shows something else.
    var stores: [Store] {
        switch self {
        case .generation: [Store(offset: 0, bytes: bytes)]
        case .clock(let reading): reading.stores
        }
    }

    struct Store: Hashable, Sendable {
        var offset: Int
        var bytes: [UInt8]
    }
}

extension ClockReading {
    fileprivate var stores: [CachedContents.Store] {
        func bytes(_ word: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: word.littleEndian, Array.init) }
        let (begun, done) = (bytes(sequence &- 1), bytes(sequence))
        return [
            // What identifies the clock lies right before the sequence count, and all else behind it.
            .init(offset: VMClockLayout.Offset.version, bytes: bytes(fields.identification) + begun),
            .init(
                offset: VMClockLayout.Offset.disruptionMarker,
                bytes: VMClockFields.wordOffsets.flatMap { bytes(fields.word(at: $0)) } + bytes(counter)),
            .init(offset: VMClockLayout.Offset.sequence, bytes: done),
        ]
    }

    /// The whole page.
    var page: [UInt8] {
        var page = VMClockLayout.page(size: CounterPage.size)
        for store in stores { page.replaceSubrange(store.offset..<store.offset + store.bytes.count, with: store.bytes) }
        return page
    }
}
