internal import SysGenIDBackends
internal import SysGenIDSystem

/// Which boot of the system this is: a number that the kernel draws when it starts. A resume keeps it.
/// See random(4).
public struct BootID: Hashable, Sendable {
    /// Its 16 bytes.
    public let bytes: [UInt8]

    /// A boot ID as the kernel writes it, a UUID in text; nil where the text is something else.
    public init?(text: [UInt8]) {
        guard let bytes = UUIDText.parse(text) else { return nil }
        self.bytes = bytes
    }

    init(bytes: some Sequence<UInt8>) {
        self.bytes = Array(bytes)
    }

    /// The boot ID of the running kernel.
    public static func current() throws(StateFailure) -> BootID {
        let path = "/proc/sys/kernel/random/boot_id"
        let text = try StateFailure.wrapping { () throws(SystemCallFailure) in try Files.read(path, limit: 64) }
        guard let id = BootID(text: text) else { throw .noBootID(path) }
        return id
    }
}
