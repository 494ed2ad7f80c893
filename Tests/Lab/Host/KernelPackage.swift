import Foundation

/// Debian's package of a kernel, downloaded and unpacked, not installed.
///
/// It is made once: to have a newer image of the series, remove the folder.
struct KernelPackage {
    /// The kernel as QEMU boots it soonest: uncompressed, without the decompressor in front of it.
    var image: String
    /// What lies below /lib/modules.
    var modules: String

    init(_ kernel: Kernel, below cache: String) throws {
        let folder = "\(cache)/kernels/\(kernel.name)"
        try Cached.folder(folder) { try Self.make(kernel, in: $0, below: cache) }
        let releases = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/lib/modules")
        guard let release = releases.first, releases.count == 1 else {
            throw Failure("\(folder) has the modules of \(releases.count) kernels: remove it, it is made again")
        }
        image = "\(folder)/kernel"
        modules = "\(folder)/lib/modules/\(release)"
    }

    private static func make(_ kernel: Kernel, in folder: String, below cache: String) throws {
        let archive = try DebianArchive(
            kernel.suites, architecture: kernel.architecture.rawValue, below: cache)
        try archive.update()
        let name = try imagePackage(of: kernel, in: archive)
        print("fetching \(name)")
        fflush(nil)
        // Since 6.19 the image, the modules and what is built in are packages of their own.
        let parts = archive.dependencies(of: name).filter { $0.contains(#/^linux-(base|binary|modules)-/#) }
        try archive.unpack([name] + parts, in: folder)
        try Tool.shell(
            """
            mkdir -p boot
            for release in usr/lib/modules/*; do
                [ -e "$release" ] || continue
                mkdir -p lib/modules
                mv "$release" lib/modules
                ! [ -e "lib/modules/${release##*/}/vmlinuz" ] ||
                    mv "lib/modules/${release##*/}/vmlinuz" "boot/vmlinuz-${release##*/}"
            done
            depmod -b . "$(ls lib/modules)"
            """, [], in: folder)
        try extractImage(for: kernel.architecture, in: folder)
    }

    private static func imagePackage(of kernel: Kernel, in archive: DebianArchive) throws -> String {
        let image =
            switch kernel.image {
            case .current(let package): archive.dependencies(of: package).first { $0.hasPrefix("linux-image-") }
            case .newest(let series):
                try archive.names(beginningWith: "linux-image-\(series).")
                    .filter { $0.contains(#/^linux-image-[0-9.]+\+deb[0-9]+-(amd64|arm64)$/#) }
                    .max { $0.compare($1, options: .numeric) == .orderedAscending }
            }
        guard let image else {
            throw Failure("\(kernel.suites.joined(separator: ", ")) offers no kernel \(kernel.name) any more")
        }
        return image
    }

    private static func extractImage(for architecture: Architecture, in folder: String) throws {
        let boot = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/boot")
        guard let name = boot.first(where: { $0.hasPrefix("vmlinuz-") }) else {
            throw Failure("the package has no kernel")
        }
        let image = try Data(contentsOf: URL(filePath: "\(folder)/boot/\(name)"))
        let (bytes, decompressor): (Data, String)
        switch architecture {
        case .amd64:
            let payload = try CompressedKernel(image)
            (bytes, decompressor) = (payload.bytes, payload.decompressor)
        case .arm64:
            let payload = try ZBootKernel(image)
            (bytes, decompressor) = payload.map { ($0.bytes, $0.decompressor) } ?? (image, "cat")
        }
        try bytes.write(to: URL(filePath: "\(folder)/payload"))
        try Tool.shell("\(decompressor) <payload >kernel\nrm payload", [], in: folder)
    }
}

/// The kernel that a bzImage holds. See "The Linux/x86 Boot Protocol" in the kernel's documentation.
struct CompressedKernel {
    var bytes: Data
    /// The command that makes the kernel of the bytes.
    var decompressor: String

    init(_ image: Data) throws {
        guard image.count > 0x250, image[0x202..<0x206] == Data("HdrS".utf8)
        else { throw Failure("the kernel's image is no bzImage") }
        let start = (Int(image[0x1f1]) + 1) * 512 + Self.word(image, 0x248)
        // The size of the kernel comes last; no decompressor knows it.
        let end = start + Self.word(image, 0x24c) - 4
        guard start < end, end <= image.count else { throw Failure("the kernel's image is cut off") }
        bytes = image[start..<end]
        switch Array(bytes.prefix(4)) {
        case [0xfd, 0x37, 0x7a, 0x58]: decompressor = "xz -dc"
        case [0x28, 0xb5, 0x2f, 0xfd]: decompressor = "zstd -dcq"
        default: throw Failure("the kernel is compressed in a way that the laboratory does not know")
        }
    }

    private static func word(_ data: Data, _ offset: Int) -> Int {
        (0..<4).reduce(0) { $0 | Int(data[offset + $1]) << (8 * $1) }
    }
}
