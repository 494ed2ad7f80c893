internal import CSysGenID
internal import Glibc
internal import SystemPackage

/// One page of a device, mapped for reading, that somebody else writes: the hypervisor, for one. See mmap(2).
// Sendable: the descriptor and the address never change, and the words are loaded atomically.
public final class MappedPage: @unchecked Sendable {
    private let file: NamedFile
    private let isPlainFile: Bool
    private let address: UnsafeMutableRawPointer
    private let size = Int(sysconf(CInt(_SC_PAGESIZE)))

    /// Opens a device, or a plain file that plays one, and maps its first page.
    public init(_ path: String) throws(SystemCallFailure) {
        file = try NamedFile(path, [.readOnly, .nonBlocking])
        isPlainFile = try file.status().kind == .regular
        let address = mmap(nil, size, PROT_READ, MAP_SHARED, file.descriptor.rawValue, 0)
        guard let address, address != MAP_FAILED else { throw SystemCallFailure("mmap", path, Errno(rawValue: errno)) }
        self.address = address
    }

    deinit {
        munmap(address, size)
    }

    /// The device, for poll(2).
    public var descriptor: CInt { file.descriptor.rawValue }

    /// How many bytes of the page there are: fewer than a page only where a plain file is shorter, behind whose
    /// end nothing may be loaded.
    public var count: Int {
        guard isPlainFile else { return size }
        return (try? file.status()).map { Int(min($0.size, Int64(size))) } ?? 0
    }

    /// The aligned word at the offset, in native byte order, by one load with acquire ordering: what is loaded
    /// after it was not loaded before.
    public func loadWord(at offset: Int) -> UInt32 {
        precondition(offset.isMultiple(of: 4) && (0...size - 4).contains(offset), "a word outside of the page")
        return csysgenid_load_acquire((address + offset).assumingMemoryBound(to: UInt32.self))
    }

    /// Reads from the device, which tells it that this descriptor has seen what is there. See pread(2).
    public func acknowledge() {
        var word: UInt32 = 0
        _ = pread(descriptor, &word, MemoryLayout<UInt32>.size, 0)
    }
}
