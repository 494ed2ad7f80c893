internal import CSysGenID
internal import Glibc
internal import SystemPackage

/// A few bytes of the machine's physical memory, mapped for reading. See mem(4).
///
/// The mapping stands as long as the object. The file is opened without O_SYNC, with which the kernel would
/// refuse a region that one of its drivers has mapped, and nothing is ever written to it. A regular file can
/// take the place of the memory.
// Sendable: the addresses never change, and the memory is only read, word by word.
public final class PhysicalRegion: @unchecked Sendable {
    /// How many bytes a region may have.
    public static let sizeLimit = 64

    private let path: String
    private let mapping: UnsafeMutableRawPointer
    private let mappingSize: Int
    /// Where the region begins in the mapping.
    private let offset: Int
    private let size: Int
    /// The file, where it is one that can become shorter, and where the region ends in it.
    private let regularFile: OwnedDescriptor?
    private let end: Int64

    /// How often the region is read at most until two readings agree.
    private static let tries = 16

    /// Maps the pages of a file that hold the bytes from `address` on. See mmap(2).
    ///
    /// - Throws: `.invalidArgument` where the size or the address cannot be those of a region,
    ///   `.noSuchAddressOrDevice` where a regular file ends before the region does.
    public init(_ path: String, address: UInt64, size: Int) throws(SystemCallFailure) {
        guard (1...Self.sizeLimit).contains(size), let start = Int(exactly: address), start <= .max - size - 65_536
        else { throw SystemCallFailure("mmap", path, .invalidArgument) }
        let file = try openFile(path, [.readOnly, .nonBlocking])
        let kind = try describing("fstat", path) { () throws(Errno) in try Files.status(of: file).kind }
        let end = Int64(start + size)
        if kind == .regular { try Self.check(file, path, end: end) }

        let pageSize = Int(sysconf(CInt(_SC_PAGESIZE)))
        offset = start % pageSize
        mappingSize = (offset + size + pageSize - 1) / pageSize * pageSize
        let mapping = mmap(nil, mappingSize, PROT_READ, MAP_SHARED, file.rawValue, start - offset)
        guard let mapping, mapping != MAP_FAILED else { throw SystemCallFailure("mmap", path, Errno(rawValue: errno)) }
        self.mapping = mapping
        self.path = path
        self.size = size
        self.end = end
        if kind == .regular { regularFile = consume file } else { regularFile = nil }
    }

    deinit {
        munmap(mapping, mappingSize)
    }

    /// The bytes as they are now, read until two readings agree, so that none is returned that was being
    /// written.
    ///
    /// - Throws: `.resourceTemporarilyUnavailable` where no two agree.
    public func read() throws(SystemCallFailure) -> [UInt8] {
        if regularFile != nil { try Self.check(regularFile!, path, end: end) }
        guard let words = Self.agreed(tries: Self.tries, copy) else {
            throw SystemCallFailure("read", path, .resourceTemporarilyUnavailable)
        }
        let start = offset % MemoryLayout<UInt32>.size
        return withUnsafeBytes(of: words) { Array($0[start..<start + size]) }
    }

    /// What two readings in a row have returned; nil where there are no such two among so many.
    static func agreed<Reading: Equatable>(tries: Int, _ read: () -> Reading) -> Reading? {
        var last = read()
        for _ in 1..<tries {
            let next = read()
            if next == last { return next }
            last = next
        }
        return nil
    }

    /// Copies the words in which the bytes lie, by whole aligned ones: where memory is mapped uncached, some processors
    /// take no other access.
    private func copy() -> Words {
        let wordSize = MemoryLayout<UInt32>.size
        let words = mapping.assumingMemoryBound(to: UInt32.self)
        let first = offset / wordSize
        var copy = Words()
        for index in first...(offset + size - 1) / wordSize {
            copy.lanes[index - first] = csysgenid_load_acquire(words + index)
        }
        return copy
    }

    /// What one reading copies, 17 words at most, and zeros behind them. A value, so that nothing is allocated for it.
    private struct Words: Equatable {
        var lanes = SIMD32<UInt32>()

        /// The lanes together, and not one after the other as by `==` of them.
        static func == (one: Self, other: Self) -> Bool { all(one.lanes .== other.lanes) }
    }

    /// Behind the end of a regular file, the mapping's memory would end the process.
    private static func check(
        _ file: borrowing OwnedDescriptor, _ path: String, end: Int64
    ) throws(SystemCallFailure) {
        let size = try describing("fstat", path) { () throws(Errno) in try Files.status(of: file).size }
        guard size >= end else { throw SystemCallFailure("mmap", path, .noSuchAddressOrDevice) }
    }
}
