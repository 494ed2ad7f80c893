internal import SysGenIDCore
internal import SysGenIDSystem

/// The VM generation ID as QEMU's firmware configuration device hands it to the guest's firmware. See
/// docs/specs/vmgenid.rst of QEMU, and Documentation/ABI/testing/sysfs-firmware-qemu_fw_cfg of the kernel.
final class FirmwareConfigurationSource: IdentitySource {
    private let directory: String
    private let path: String

    /// - Parameter systemRoot: the directory below which /sys is.
    init(systemRoot: String = "/") {
        directory = Surroundings.absolutePath("\(systemRoot)/sys/firmware/qemu_fw_cfg")
        path = directory + "/by_name/etc/vmgenid_guid/raw"
    }

    func identity() throws(SourceFailure) -> Identity {
        guard let bytes = try Self.steady(read) else {
            throw SourceFailure(.unsteady, "\(path) is never the same twice in a row: it holds no VM generation ID")
        }
        guard bytes.contains(where: { $0 != 0 }), let identity = Identity(domain: .vmGenerationID, bytes: bytes) else {
            throw SourceFailure(
                .empty, "\(path) holds a GUID of all zeros: give the machine's vmgenid device a GUID")
        }
        return identity
    }

    /// What two readings in a row return; nil where none do. The device hands its bytes out one by one, and
    /// the system may be resumed between two of them.
    static func steady(_ read: () throws(SourceFailure) -> [UInt8]) throws(SourceFailure) -> [UInt8]? {
        var last = try read()
        for _ in 0..<4 {
            let next = try read()
            if next == last { return next }
            last = next
        }
        return nil
    }

    /// Where in the file the GUID lies: QEMU keeps the first bytes for a table's header.
    private static let offset = 40
    private static let length = 16

    private func read() throws(SourceFailure) -> [UInt8] {
        let end = Self.offset + Self.length
        let contents: [UInt8]
        do throws(SystemCallFailure) {
            contents = try Files.read(path, limit: end)
        } catch {
            throw failure(error)
        }
        guard contents.count == end else {
            throw SourceFailure(
                .damaged, "\(path) has only \(contents.count) bytes of \(end): it holds no VM generation ID")
        }
        return Array(contents[Self.offset...])
    }

    private func failure(_ cause: SystemCallFailure) -> SourceFailure {
        guard Files.exists(directory) else {
            return SourceFailure(
                .noInterface, "\(directory) is missing: try modprobe qemu_fw_cfg (only QEMU has it)")
        }
        guard Files.exists(path) else {
            return SourceFailure(.noDevice, "\(path) is missing: start the machine with -device vmgenid")
        }
        return SourceFailure(
            UnusableReason(cause), "cannot read \(path) (\(cause.errno)): it can be read by root")
    }
}
