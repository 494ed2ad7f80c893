internal import CSysGenID
internal import Glibc
internal import SystemPackage

/// A file of one page that others may map for reading, with the generation at the same offset as in the counter page.
///
/// The file stays where it is from one daemon to the next, so that whoever has mapped it sees their changes, too.
// Sendable: the address never changes, the page lives as long as the object, and the word is accessed atomically.
public final class PageFile: @unchecked Sendable {
    private let file: NamedFile
    private let address: UnsafeMutableRawPointer
    /// What the file showed before it was opened; nil where it was none that could be mapped.
    public let found: UInt32?

    /// Opens the file, or makes it, and maps it.
    ///
    /// - Throws: `.invalidArgument` where the path leads to something else than a regular file.
    public init(_ path: String, generation: UInt32) throws(SystemCallFailure) {
        guard let file = try NamedFile.ownPlainFile(path) else {
            throw SystemCallFailure("open", path, .invalidArgument)
        }
        let isNew = try file.status().size != CounterPage.size
        if isNew {
            // Written and not only made longer: a page that the file system has no room for could not be stored to.
            try file.setLength(0)
            try file.write([UInt8](repeating: 0, count: CounterPage.size), at: 0)
        }
        let number = file.descriptor.rawValue
        let mapping = mmap(nil, CounterPage.size, PROT_READ | PROT_WRITE, MAP_SHARED, number, 0)
        guard let mapping, mapping != MAP_FAILED else { throw SystemCallFailure("mmap", path, Errno(rawValue: errno)) }
        address = mapping
        let word = (address + CounterPage.generationOffset).assumingMemoryBound(to: UInt32.self)
        found = isNew ? nil : csysgenid_load_acquire(word)
        try file.setPermissions(0o644)
        self.file = file
        store(generation)
    }

    /// Whether the file lies in memory alone, in tmpfs(5).
    var isInMemory: Bool { csysgenid_is_in_memory(file.descriptor.rawValue) == 1 }

    var status: FileStatus? { try? file.status() }

    func duplicate() throws(SystemCallFailure) -> OwnedDescriptor {
        try describing("dup", file.path) { () throws(Errno) in try file.descriptor.duplicate() }
    }

    deinit {
        munmap(address, CounterPage.size)
    }

    /// Makes the generation visible in every mapping, with one aligned store.
    public func store(_ generation: UInt32) {
        csysgenid_store_release(
            (address + CounterPage.generationOffset).assumingMemoryBound(to: UInt32.self), generation)
    }
}
