internal import SysGenIDCore
internal import SysGenIDSystem

/// The VM generation ID as QEMU's firmware configuration device hands it to the guest's firmware. See
/// docs/specs/vmgenid.rst of QEMU, and Documentation/ABI/testing/sysfs-firmware-qemu_fw_cfg of the kernel.
final class FirmwareConfigurationSource: IdentitySource {
    private let directory: String
    private let path: String
    /// Open from one look to the next.
    private let file = Lock<NamedFile?>(nil)

    /// - Parameter systemRoot: the directory below which /sys is.
    init(systemRoot: String = "/") {
        directory = Surroundings.absolutePath("\(systemRoot)/sys/firmware/qemu_fw_cfg")
        path = directory + "/by_name/etc/vmgenid_guid/raw"
    }

    func identity() throws(SourceFailure) -> Identity {
        guard let identity = try Self.steady(read) else {
            throw SourceFailure(.unsteady, "\(path) is never the same twice in a row: it holds no VM generation ID")
        }
        guard identity.high | identity.low != 0 else {
            throw SourceFailure(
                .empty, "\(path) holds a GUID of all zeros: give the machine's vmgenid device a GUID")
        }
        return identity
    }

    /// What two readings in a row return; nil where none do. The device hands its bytes out one by one, and
    /// the system may be resumed between two of them.
    static func steady<Value: Equatable>(_ read: () throws(SourceFailure) -> Value) throws(SourceFailure) -> Value? {
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
    private static let end = offset + 16

    private func read() throws(SourceFailure) -> Identity {
        let found: Found
        do throws(SystemCallFailure) {
            found = try file.withLock { file throws(SystemCallFailure) in try find(&file) }
        } catch {
            throw failure(error)
        }
        guard let identity = found.identity else {
            throw SourceFailure(
                .damaged, "\(path) has only \(found.byteCount) bytes of \(Self.end): it holds no VM generation ID")
        }
        return identity
    }

    /// What was read of the file, and the identity where that was enough.
    private typealias Found = (byteCount: Int, identity: Identity?)

    /// Reads the file, which stays open for the next time: no call is made between a resume and the page that need not be.
    /// Where it can be read no longer, as since its module was loaded anew, it is opened once more.
    private func find(_ file: inout NamedFile?) throws(SystemCallFailure) -> Found {
        if file != nil, let found = try? Self.find(in: file!), found.identity != nil { return found }
        file = try NamedFile(path, [.readOnly, .nonBlocking])
        return try Self.find(in: file!)
    }

    private static func find(in file: borrowing NamedFile) throws(SystemCallFailure) -> Found {
        try withUnsafeTemporaryAllocation(byteCount: end, alignment: 1) { buffer in
            Result { () throws(SystemCallFailure) in
                let bytes = try file.read(into: buffer, at: 0)
                let identity = UnsafeRawBufferPointer(rebasing: bytes.dropFirst(offset))
                return (bytes.count, Identity(domain: .vmGenerationID, bytes: identity))
            }
        }.get()
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
