internal import SysGenIDCore
public import SysGenIDSystem

/// Reseeds the kernel's random pool at a resume: from the identity, and from bytes of the host's where they come in
/// time.
///
/// An identity is no secret, and all clones of a snapshot may have been given the same: it is mixed in, and counts for
/// nothing.
public struct Reseeder: Sendable {
    /// Asks for bytes of the host's, which have to come within a time in nanoseconds.
    typealias Source = @Sendable (UInt64) -> HostEntropyReader.Answer
    /// Mixes bytes into the pool with a credit in bits, and reseeds the kernel's generator from it.
    typealias Pool = @Sendable (UnsafeRawBufferPointer, CInt) throws(SystemCallFailure) -> Void

    private let source: Source
    private let pool: Pool

    /// How long a change waits for the host's bytes, in nanoseconds: with what else belongs to it, it must not be later
    /// than 5 ms for them.
    public static let patience: UInt64 = 4_000_000

    /// - Parameter reader: gives bytes of the host's; without it there are none.
    public init(_ reader: HostEntropyReader?) {
        let pool = OpenPool()
        self.init { patience in
            reader?.bytes(within: patience) ?? .failure(HostEntropyMissing("none was asked for"))
        } pool: { (bytes, bits) throws(SystemCallFailure) in
            try pool.reseed(mixing: bytes, creditingBits: bits)
        }
    }

    init(source: @escaping Source, pool: @escaping Pool) {
        self.source = source
        self.pool = pool
    }

    /// Does the same without the host and the kernel.
    func rehearse(with identity: Identity) {
        let rehearsed = Reseeder { _ in
            .failure(HostEntropyMissing("none was asked for"))
        } pool: { _, _ in
        }
        _ = rehearsed.reseed(with: identity)
    }

    /// Reseeds the kernel for a system that was just found to have another identity.
    func reseed(with identity: Identity) -> Reseed {
        var reseed = Reseed()
        var mixture = EntropyMixture()
        identity.withBytes { mixture.add($0) }
        var credit: CInt = 0
        switch source(Self.patience) {
        case .success(var bytes):
            bytes.withUnsafeBytes { mixture.add($0) }
            credit = HostEntropy.freshBits
            bytes.wipe()
        case .failure(let missing):
            reseed.hostEntropyMissing = missing
        }
        do throws(SystemCallFailure) {
            try mixture.use { bytes throws(SystemCallFailure) in try pool(bytes, credit) }
        } catch {
            reseed.failure = error
        }
        return reseed
    }
}

/// The kernel's pool, opened at the start, since a change has no time for it; and once more where that has failed.
private final class OpenPool: Sendable {
    private let opened: KernelRandomness?

    init() {
        opened = try? KernelRandomness()
    }

    func reseed(mixing bytes: UnsafeRawBufferPointer, creditingBits bits: CInt) throws(SystemCallFailure) {
        guard opened != nil else { return try KernelRandomness().reseed(mixing: bytes, creditingBits: bits) }
        try opened?.reseed(mixing: bytes, creditingBits: bits)
    }
}
