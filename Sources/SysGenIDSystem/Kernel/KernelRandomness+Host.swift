extension KernelRandomness {
    /// The most that a pool takes at a time, in bytes.
    private static let portion = 256
    /// The most that is credited, in bits: as much as the kernel's generator takes.
    private static let creditLimit = 256

    /// The same with fresh bytes that a host has given to this system alone: eight bits of each are credited, 256 in all.
    public func reseed(fromHost bytes: [UInt8]) throws(SystemCallFailure) {
        var rest = bytes[...]
        var credit = Swift.min(bytes.count * 8, Self.creditLimit)
        while !rest.isEmpty {
            let part = rest.prefix(Self.portion)
            let bits = Swift.min(credit, part.count * 8)
            try part.span.withUnsafeBytes { bytes throws(SystemCallFailure) in
                try reseed(mixing: bytes, creditingBits: CInt(bits))
            }
            rest = rest.dropFirst(part.count)
            credit -= bits
        }
    }
}
