internal import SystemPackage

/// The machine's physical memory. See mem(4).
///
/// It is opened once, so that what is found in it later can be mapped by a process that may not open it any more, for
/// which it takes CAP_SYS_RAWIO. It is opened without O_SYNC, with which the kernel would refuse a region that one of its
/// drivers has mapped. A regular file can take its place.
public final class PhysicalMemory: Sendable {
    private let path: String
    private let file: Lock<File?>

    /// An open file of the memory.
    final class File: Sendable {
        let path: String
        let descriptor: OwnedDescriptor
        private let isRegular: Bool

        init(_ path: String) throws(SystemCallFailure) {
            let file = try openFile(path, [.readOnly, .nonBlocking])
            isRegular =
                try describing("fstat", path) { () throws(Errno) in try Files.status(of: file).kind } == .regular
            descriptor = file
            self.path = path
        }

        /// Behind the end of a regular file, the mapping's memory would end the process.
        func check(reaches end: Int64) throws(SystemCallFailure) {
            guard isRegular else { return }
            let size = try describing("fstat", path) { () throws(Errno) in try Files.status(of: descriptor).size }
            guard size >= end else { throw SystemCallFailure("mmap", path, .noSuchAddressOrDevice) }
        }
    }

    /// Opens the memory, where that can be done now.
    public init(_ path: String) {
        self.path = path
        file = Lock(try? File(path))
    }

    /// Maps the pages that hold the bytes from `address` on. See mmap(2).
    ///
    /// - Throws: `.invalidArgument` where the size or the address cannot be those of a region,
    ///   `.noSuchAddressOrDevice` where a regular file ends before the region does; why the memory cannot be opened.
    public func region(at address: UInt64, size: Int) throws(SystemCallFailure) -> PhysicalRegion {
        try PhysicalRegion(opened(), address: address, size: size)
    }

    /// Why none of it can be mapped; nil where it is open.
    public var refusal: SystemCallFailure? {
        do throws(SystemCallFailure) {
            _ = try opened()
            return nil
        } catch {
            return error
        }
    }

    private func opened() throws(SystemCallFailure) -> File {
        if let opened = file.withLock(\.self) { return opened }
        let opened = try File(path)
        file.withLock { $0 = opened }
        return opened
    }
}
