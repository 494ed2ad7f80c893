internal import CSysGenID
internal import Glibc
internal import SystemPackage

/// The kernel's random pool. See random(4).
public enum KernelRandomness {
    /// Mixes the bytes into the pool and makes the kernel's generator take its next output from it at once.
    ///
    /// The kernel's own driver of the VM generation ID does the same since 5.18; where it did, once more
    /// does no harm. RNDRESEEDCRNG needs CAP_SYS_ADMIN.
    public static func reseed(mixing bytes: [UInt8]) throws(SystemCallFailure) {
        let pool = try openFile("/dev/urandom", .writeOnly)
        try describing("reseed", "/dev/urandom") { () throws(Errno) in
            if !bytes.isEmpty { try pool.write(bytes) }
            try nothingOrErrno { csysgenid_reseed_kernel(pool.rawValue) }
        }
    }
}
