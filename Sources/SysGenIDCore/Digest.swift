/// Digests that tell damage and difference. They protect against nobody who means harm.
public enum Digest {
    /// The 64-bit FNV-1a hash of the bytes.
    // Inlinable: unspecialised, it allocates for each byte.
    @inlinable
    public static func fnv1a(_ bytes: some Sequence<UInt8>) -> UInt64 {
        bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
    }
}
