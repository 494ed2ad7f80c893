import Foundation

/// A QEMU.
struct Emulator: Sendable {
    /// What its command line begins with.
    var command: [String]

    /// The one that this machine has installed.
    static let installed = installed(for: .own)

    /// The one that this machine has installed to play such a processor.
    static func installed(for architecture: Architecture) -> Emulator {
        switch architecture {
        case .amd64: Emulator(command: ["qemu-system-x86_64"])
        case .arm64: Emulator(command: ["qemu-system-aarch64"])
        }
    }

    /// The newest one that Debian offers for its stable release, unpacked with all that it needs, and not installed:
    /// whatever release this machine is of, its own stays as it is.
    static func newest(below cache: String) throws -> Emulator {
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
