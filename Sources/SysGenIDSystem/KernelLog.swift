internal import Glibc
internal import SystemPackage

/// The kernel's log from now on. See Documentation/ABI/testing/dev-kmsg of the kernel.
public final class KernelLog: Sendable {
    private let file: OwnedDescriptor
    /// Readable when there are records; nil where the log is a plain file, which always seems to be.
    public let descriptor: CInt?

    /// Opens the log below the given directory, behind its last record.
    public init(systemRoot: String = "/") throws(SystemCallFailure) {
        let path = "\(systemRoot)/dev/kmsg"
        let opened = try openFile(path, [.readOnly, .nonBlocking])
        let isDevice = try describing("lseek", path) { () throws(Errno) in
            _ = try valueOrErrno { lseek(opened.rawValue, 0, SEEK_END) }
            return try Files.status(of: opened).kind == .characterDevice
        }
        descriptor = isDevice ? opened.rawValue : nil
        file = opened
    }

    /// Takes the records that have come, at most so many reads of them, and skips what the kernel has dropped
    /// in the meantime. A record is one line with its prefix; lines that continue it begin with a space.
    public func take(atMost limit: Int = 256) -> [[UInt8]] {
        var records: [[UInt8]] = []
        for _ in 0..<limit {
            do throws(Errno) {
                // The longest record that the kernel makes is of 8192 bytes.
                let bytes = try file.read(upTo: 8_192)
                guard !bytes.isEmpty else { return records }
                records += bytes.split(separator: UInt8(ascii: "\n")).map(Array.init)
            } catch .brokenPipe {
                continue
            } catch {
                return records
            }
        }
        return records
    }
}
