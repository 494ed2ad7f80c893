internal import CSysGenID
internal import Glibc
internal import SystemPackage

/// Memory in an anonymous file, mapped for reading and writing, that outlives the process with its descriptor. See
/// memfd_create(2).
///
/// What a killed process has stored is there for the next, in the order of the stores.
// Sendable: the descriptor and the address never change, the memory is mapped as long as the object lives, and the
// words that threads share are accessed atomically.
public final class SharedMemory: @unchecked Sendable {
    public let file: OwnedDescriptor
    /// In bytes.
    public let size: Int
    private let address: UnsafeMutableRawPointer

    /// Makes memory of zeros.
    public convenience init(named name: String, size: Int) throws(SystemCallFailure) {
        let file = try describing("memfd_create", name) { () throws(Errno) in
            OwnedDescriptor(owning: try valueOrErrno { csysgenid_sealed_size_memfd(name, size) })
        }
        try self.init(adopting: file, named: name)
    }

    /// Maps a file of the process's own, which is made where it is missing, and longer where it is too short.
    ///
    /// - Throws: `.invalidArgument` where the path leads to something else, or to a file that does not lie in memory.
    public convenience init(file path: String, size: Int) throws(SystemCallFailure) {
        guard let file = try NamedFile.ownPlainFile(path), csysgenid_is_in_memory(file.descriptor.rawValue) == 1 else {
            throw SystemCallFailure("open", path, .invalidArgument)
        }
        if try file.status().size < size { try file.setLength(Int64(size)) }
        let descriptor = try describing("dup", path) { () throws(Errno) in try file.descriptor.duplicate() }
        try self.init(mapping: descriptor, of: size, named: path)
    }

    /// Continues with the memory that another process has made.
    ///
    /// - Throws: `.invalidArgument` where the file's size is not sealed, so that it could become shorter than its
    ///   mapping.
    public convenience init(adopting file: consuming OwnedDescriptor, named name: String) throws(SystemCallFailure) {
        let size = try describing("fstat", name) { () throws(Errno) in Int(try Files.status(of: file).size) }
        guard size > 0, csysgenid_has_sealed_size(file.rawValue, size) == 1 else {
            throw SystemCallFailure("mmap", name, .invalidArgument)
        }
        try self.init(mapping: file, of: size, named: name)
    }

    private init(mapping file: consuming OwnedDescriptor, of size: Int, named name: String) throws(SystemCallFailure) {
        let address = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, file.rawValue, 0)
        guard let address, address != MAP_FAILED else { throw SystemCallFailure("mmap", name, Errno(rawValue: errno)) }
        self.address = address
        self.size = size
        self.file = file
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
