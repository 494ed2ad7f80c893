internal import CSysGenID
internal import Glibc
internal import SystemPackage

/// Memory of a file that is mapped for reading and writing. What a killed process has stored is there for the next, in the
/// order of the stores.
// Sendable: the address never changes, the memory is mapped as long as the object lives, and the words that threads share
// are accessed atomically.
public class MappedMemory: @unchecked Sendable {
    /// In bytes.
    public let size: Int
    private let address: UnsafeMutableRawPointer

    /// Maps the open file of that number, which may be closed then. See mmap(2).
    init(_ file: CInt, size: Int, named name: String) throws(SystemCallFailure) {
        let address = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0)
        guard let address, address != MAP_FAILED else { throw SystemCallFailure("mmap", name, Errno(rawValue: errno)) }
        self.address = address
        self.size = size
    }

    deinit {
        munmap(address, size)
    }

    /// Stores a word. Whoever sees it sees all that was stored before it.
    public func store(_ word: UInt32, at offset: Int) {
        csysgenid_store_release(pointer(to: UInt32.self, at: offset), word)
    }

    public func store(_ word: UInt64, at offset: Int) {
        csysgenid_store_release_64(pointer(to: UInt64.self, at: offset), word)
    }

    public func load(_ type: UInt32.Type, at offset: Int) -> UInt32 {
        csysgenid_load_acquire(pointer(to: UInt32.self, at: offset))
    }

    public func load(_ type: UInt64.Type, at offset: Int) -> UInt64 {
        csysgenid_load_acquire_64(pointer(to: UInt64.self, at: offset))
    }

    /// Copies bytes into the memory.
    public func store(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
        precondition(offset >= 0 && offset <= size - bytes.count, "bytes outside of the memory")
        guard let source = bytes.baseAddress else { return }
        memcpy(address + offset, source, bytes.count)
    }

    /// Copies bytes out of the memory.
    public func load(_ count: Int, at offset: Int) -> [UInt8] {
        precondition(count >= 0 && offset >= 0 && offset <= size - count, "bytes outside of the memory")
        return Array(UnsafeRawBufferPointer(start: address + offset, count: count))
    }

    private func pointer<Word>(to type: Word.Type, at offset: Int) -> UnsafeMutablePointer<Word> {
        let width = MemoryLayout<Word>.size
        precondition(
            offset >= 0 && offset <= size - width && offset.isMultiple(of: width), "a word outside of the memory")
        return (address + offset).assumingMemoryBound(to: type)
    }
}
