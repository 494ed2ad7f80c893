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

/// What changes in a page in the layout of a vmclock.
struct ClockReading: Hashable, Sendable {
    var sequence: UInt32
    var counter: UInt64
}

extension ClockReading {
    fileprivate var stores: [CachedContents.Store] {
        let (begun, done) = ((sequence &- 1).littleEndian, sequence.littleEndian)
        return [
            .init(offset: VMClockLayout.Offset.sequence, bytes: withUnsafeBytes(of: begun, Array.init)),
            .init(
                offset: VMClockLayout.Offset.generationCounter,
                bytes: withUnsafeBytes(of: counter.littleEndian, Array.init)),
            .init(offset: VMClockLayout.Offset.sequence, bytes: withUnsafeBytes(of: done, Array.init)),
        ]
    }

    /// The whole page.
    var page: [UInt8] {
        var page = VMClockLayout.page(size: CounterPage.size)
        for store in stores { page.replaceSubrange(store.offset..<store.offset + store.bytes.count, with: store.bytes) }
        return page
    }
}
