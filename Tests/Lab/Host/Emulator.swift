import Foundation

/// A QEMU.
struct Emulator: Sendable {
    /// What its command line begins with.
    var command: [String]

    /// The one that plays such a processor.
    ///
    /// - Parameter cache: where it is fetched to, unless this machine has it installed.
    static func playing(_ architecture: Architecture, below cache: String) throws -> Emulator {
        switch architecture {
        case .amd64: try newest(below: cache)
        case .arm64: Emulator(command: ["qemu-system-aarch64"])
        }
    }

    /// The newest one that Debian offers for its stable release, unpacked with all that it needs, and not installed:
    /// whatever release this machine is of, its own stays as it is.
    ///
    /// That of Debian 12, 7.2, has no vmclock, and leaves an operand in the flags after cmpxchg16b, with which kernels
    /// allocate memory: an interrupt just then, and the guest dies of a double fault.
    private static func newest(below cache: String) throws -> Emulator {
        let folder = "\(cache)/qemu"
        try Cached.folder(folder) { part in
            let archive = try DebianArchive(["trixie", "trixie-backports"], below: cache)
            try archive.update()
            print("fetching a newer QEMU")
            fflush(nil)
            try archive.unpackWithDependencies(of: "qemu-system-x86", from: "trixie-backports", in: part)
        }
        // A loader works with the C library of its own release only.
        return Emulator(command: [
            "\(folder)/usr/lib64/ld-linux-x86-64.so.2", "--library-path", "\(folder)/usr/lib/x86_64-linux-gnu",
            "\(folder)/usr/bin/qemu-system-x86_64", "-L", "\(folder)/usr/share/qemu", "-L",
            "\(folder)/usr/share/seabios",
        ])
    }
}
