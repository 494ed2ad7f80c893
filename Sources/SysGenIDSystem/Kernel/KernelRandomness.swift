internal import CSysGenID
internal import Glibc
internal import SystemPackage

/// The kernel's random pool, open to be written to. See random(4).
public struct KernelRandomness: ~Copyable, Sendable {
    private static let path = "/dev/urandom"
    private let pool: OwnedDescriptor

    public init() throws(SystemCallFailure) {
        pool = try openFile(Self.path, .writeOnly)
    }

    /// Mixes the bytes into the pool and makes the kernel's generator take its next output from it at once.
    ///
    /// RNDADDENTROPY alone changes nothing once the generator is ready, and before 5.18 RNDRESEEDCRNG takes nothing that
    /// has no credit. The kernel's own driver of the VM generation ID does the same since 5.18; where it did, once more
    /// does no harm. Both requests need CAP_SYS_ADMIN.
    ///
    /// - Parameters:
    ///   - bytes: at most 256.
    ///   - bits: how much of them nobody can know, in bits of entropy, from 0 on.
    public func reseed(mixing bytes: UnsafeRawBufferPointer, creditingBits bits: CInt) throws(SystemCallFailure) {
        try describing("RNDADDENTROPY", Self.path) { () throws(Errno) in
            do throws(Errno) {
                try nothingOrErrno { csysgenid_add_entropy(pool.rawValue, bytes.baseAddress, bytes.count, bits) }
            } catch {
                // What takes no privilege: without credit, the pool has them at the kernel's own next reseeding.
                _ = write(pool.rawValue, bytes.baseAddress, bytes.count)
                throw error
            }
        }
        try describing("RNDRESEEDCRNG", Self.path) { () throws(Errno) in
            try nothingOrErrno { csysgenid_reseed_kernel(pool.rawValue) }
        }
    }
}
