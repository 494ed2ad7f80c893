/// Bytes for the kernel's random pool, in a place of their own: nothing is allocated for them, and none are left behind.
public struct EntropyMixture: ~Copyable {
    /// As much as the pool takes at a time.
    private var room = InlineArray<256, UInt8>(repeating: 0)
    private var count = 0

    public init() {}

    /// Adds the bytes, as far as there is room for them.
    public mutating func add(_ bytes: UnsafeRawBufferPointer) {
        for byte in bytes.prefix(room.count - count) {
            room[count] = byte
            count += 1
        }
    }

    /// Calls the body with what was added, and overwrites that.
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
