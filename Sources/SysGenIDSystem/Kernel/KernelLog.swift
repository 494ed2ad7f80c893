internal import Glibc
internal import SystemPackage

/// The kernel's log, from the oldest record that it still has. See Documentation/ABI/testing/dev-kmsg of the kernel.
public final class KernelLog: Sendable {
    private let file: OwnedDescriptor
    /// Readable when there are records; nil where the log is a plain file, which always seems to be.
    public let descriptor: CInt?
    /// Where a record is taken apart: kept, so that no look allocates or clears it.
    private let room = Lock([UInt8](repeating: 0, count: recordLimit))

    /// The longest record that the kernel makes, in bytes (PRINTK_MESSAGE_MAX is 2048, and each may be escaped).
    public static let recordLimit = 8_192
    /// How many records are taken at once at most, so that a flood cannot hold the caller.
    private static let countLimit = 65_536

    /// Opens the log below the given directory.
    public init(systemRoot: String = "/") throws(SystemCallFailure) {
        let path = "\(systemRoot)/dev/kmsg"
        let opened = try openFile(path, [.readOnly, .nonBlocking])
        let isDevice = try describing("fstat", path) { () throws(Errno) in
            try Files.status(of: opened).kind == .characterDevice
        }
        descriptor = isDevice ? opened.rawValue : nil
        file = opened
    }

    /// Takes what has come. The kernel hands out one record at a time, with a newline at the end of each of its
    /// lines; lines that continue it begin with a space.
    ///
    /// - Parameter body: takes what one read gives, which is valid for the call only, and says whether the next one is wanted.
    ///   What is left makes the descriptor readable again.
    /// - Returns: whether nothing is missing; false where the kernel has dropped records to make room for others.
    public func take(_ body: (UnsafeRawBufferPointer) -> Bool) -> Bool {
        room.withLock { room in
            room.withUnsafeMutableBytes { take(into: $0, body) }
        }
    }

    private func take(into buffer: UnsafeMutableRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Bool) -> Bool {
        var isComplete = true
        for _ in 0..<Self.countLimit {
            do throws(Errno) {
                let bytes = try file.read(into: buffer)
                guard !bytes.isEmpty, body(bytes) else { return isComplete }
            } catch .brokenPipe {
                isComplete = false
            } catch {
                return isComplete
            }
        }
        return isComplete
    }
}
