/// Bytes for the kernel's random pool, in a place of their own: nothing is allocated for them, and none are left behind.
public struct EntropyMixture: ~Copyable {
    /// As much as the pool takes at a time.
    @usableFromInline var room = InlineArray<256, UInt8>(repeating: 0)
    @usableFromInline var count = 0

    public init() {}

    /// Adds the bytes, as far as there is room for them.
    public mutating func add(_ bytes: UnsafeRawBufferPointer) {
        let added = UnsafeRawBufferPointer(rebasing: bytes[..<min(bytes.count, room.count - count)])
        var all = room.mutableSpan
        all.withUnsafeMutableBytes { [count] in
            UnsafeMutableRawBufferPointer(rebasing: $0[count...]).copyMemory(from: added)
        }
        count += added.count
    }

    /// Calls the body with what was added, and overwrites that.
    @inlinable
    public mutating func use<Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        defer { count = 0 }
        var bytes = room.mutableSpan
        try bytes.withUnsafeMutableBytes { [count] all throws(Failure) in
            defer { all.wipe() }
            try body(UnsafeRawBufferPointer(rebasing: all[..<count]))
        }
    }
}
