import Foundation

/// The kernel of a compressed image of EFI. See drivers/firmware/efi/libstub/zboot-header.S of the kernel.
struct ZBootKernel {
    var bytes: Data
    /// The command that makes the kernel of the bytes.
    var decompressor: String

    /// - Returns: nil where the image is no such one: it is the kernel itself.
    init?(_ image: Data) throws {
        guard image.count > 64, image[4..<8] == Data("zimg".utf8) else { return nil }
        let (start, size) = (Self.word(image, 8), Self.word(image, 12))
        guard start <= image.count, size <= image.count - start else { throw Failure("the kernel's image is cut off") }
        bytes = image[start..<start + size]
        let kind = String(decoding: image[24..<56].prefix { $0 != 0 }, as: UTF8.self)
        switch kind {
        case "gzip": decompressor = "gzip -dc"
        case "xz", "xzkern": decompressor = "xz -dc"
        case "zstd", "zstd22": decompressor = "zstd -dcq"
        default: throw Failure("the kernel is compressed in a way that the laboratory does not know: \(kind)")
        }
    }

    private static func word(_ data: Data, _ offset: Int) -> Int {
        (0..<4).reduce(0) { $0 | Int(data[offset + $1]) << (8 * $1) }
    }
}
