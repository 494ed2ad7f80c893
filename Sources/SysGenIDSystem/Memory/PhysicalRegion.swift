internal import CSysGenID
internal import Glibc
internal import SystemPackage

/// A few bytes of the machine's physical memory, mapped for reading. See mem(4).
///
/// The mapping stands as long as the object, and nothing is ever written to it.
// Sendable: the addresses never change, and the memory is only read, word by word.
public final class PhysicalRegion: @unchecked Sendable {
    /// How many bytes a region may have.
    public static let sizeLimit = 120

    private let memory: PhysicalMemory.File
    private let mapping: UnsafeMutableRawPointer
    private let mappingSize: Int
    /// Where the region begins in the mapping.
    private let offset: Int
    private let size: Int
    /// Where the region ends in the memory.
    private let end: Int64

    /// How often the region is read at most until two readings agree.
    private static let tries = 16

    init(_ memory: PhysicalMemory.File, address: UInt64, size: Int) throws(SystemCallFailure) {
        guard (1...Self.sizeLimit).contains(size), let start = Int(exactly: address), start <= .max - size - 65_536
        else { throw SystemCallFailure("mmap", memory.path, .invalidArgument) }
        let end = Int64(start + size)
        try memory.check(reaches: end)

        let pageSize = Int(sysconf(CInt(_SC_PAGESIZE)))
        offset = start % pageSize
        mappingSize = (offset + size + pageSize - 1) / pageSize * pageSize
        let mapping = mmap(nil, mappingSize, PROT_READ, MAP_SHARED, memory.descriptor.rawValue, start - offset)
        guard let mapping, mapping != MAP_FAILED else {
            throw SystemCallFailure("mmap", memory.path, Errno(rawValue: errno))
        }
        self.mapping = mapping
        self.memory = memory
        self.size = size
        self.end = end
    }

    deinit {
        munmap(mapping, mappingSize)
    }

    /// How many bytes it has.
    public var count: Int { size }

    /// The aligned word at the offset, in native byte order, by one load with acquire ordering. To be called where
    /// `check()` has not thrown, and the region begins at an aligned address.
    public func loadWord(at offset: Int) -> UInt32 {
        precondition(
            (self.offset + offset).isMultiple(of: 4) && (0...size - 4).contains(offset), "a word of the region")
        return csysgenid_load_acquire((mapping + self.offset + offset).assumingMemoryBound(to: UInt32.self))
    }

    /// Throws where a file that takes the place of the memory has become too short.
    public func check() throws(SystemCallFailure) {
        try memory.check(reaches: end)
    }

    /// The bytes as they are now, read until two readings agree, so that none is returned that was being
    /// written.
    ///
    /// - Throws: `.resourceTemporarilyUnavailable` where no two agree.
    public func read() throws(SystemCallFailure) -> [UInt8] { try read { Array($0) } }

    /// The same without a copy.
    ///
    /// - Parameter body: takes the bytes, which are valid for the call only.
    public func read<Result>(_ body: (UnsafeRawBufferPointer) -> Result) throws(SystemCallFailure) -> Result {
        try check()
        guard let words = Self.agreed(tries: Self.tries, copy) else {
            throw SystemCallFailure("read", memory.path, .resourceTemporarilyUnavailable)
        }
        let start = offset % MemoryLayout<UInt32>.size
        return withUnsafeBytes(of: words) { body(UnsafeRawBufferPointer(rebasing: $0[start..<start + size])) }
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

    /// What one reading copies, 31 words at most, and zeros behind them. A value, so that nothing is allocated for it.
    private struct Words: Equatable {
        var lanes = SIMD32<UInt32>()

        /// The lanes together, and not one after the other as by `==` of them.
        static func == (one: Self, other: Self) -> Bool { all(one.lanes .== other.lanes) }
    }
}
