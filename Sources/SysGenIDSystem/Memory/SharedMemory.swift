internal import CSysGenID
internal import Glibc
internal import SystemPackage

/// Memory that outlives the process with its descriptor, as that of an anonymous file. See memfd_create(2).
// Sendable: the descriptor never changes.
public final class SharedMemory: MappedMemory, @unchecked Sendable {
    public let file: OwnedDescriptor

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
        let number = file.rawValue
        self.file = file
        try super.init(number, size: size, named: name)
    }
}
