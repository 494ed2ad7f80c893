internal import CSysGenID
internal import Glibc
internal import SystemPackage

/// The page that clients map: the generation as a 32-bit word in native byte order, and zeros.
///
/// The page lies in a file in memory, so that it can be the backing file of passthrough opens and so
/// that its mappings outlive the daemon: in the one with a name that the next daemon finds (`PageFile`), or in an
/// anonymous one whose size is sealed. It cannot be sealed against writing: that would neither stop a client that
/// maps the outer file writable (kernels 6.12 and 6.18), nor let a successor of the daemon map it. See
/// memfd_create(2).
public final class CounterPage: Sendable {
    /// Where in the page the generation lies, in bytes.
    public static let generationOffset = 0
    /// The size of the page in bytes.
    public static let size = Int(sysconf(CInt(_SC_PAGESIZE)))

    /// The page's file.
    public let file: OwnedDescriptor
    private let counter: MappedCounter

    /// Makes a page with this generation.
    public init(generation: UInt32) throws(SystemCallFailure) {
        file = try Self.makeFile()
        counter = try MappedCounter(file)
        store(generation)
    }

    /// Takes the page of a file with a name, so that whoever has mapped it sees the changes of all daemons that come.
    ///
    /// - Returns: nil where the file does not lie in memory: a page that has to be read from a disk would let those
    ///   wait who map it, and not every file system can back a passthrough open.
    public convenience init?(in pageFile: PageFile, generation: UInt32) throws(SystemCallFailure) {
        guard pageFile.isInMemory else { return nil }
        try self.init(adopting: try pageFile.duplicate())
        restore(generation)
    }

    /// Continues with the page of a predecessor.
    ///
    /// - Throws: `.invalidArgument` where the file is none that could hold a counter page.
    public init(adopting file: consuming OwnedDescriptor) throws(SystemCallFailure) {
        let size = try describing("fstat", "the counter page") { () throws(Errno) in try Files.status(of: file).size }
        guard csysgenid_is_in_memory(file.rawValue) == 1, size == Self.size else {
            throw SystemCallFailure("mmap", "the counter page", .invalidArgument)
        }
        counter = try MappedCounter(file)
        self.file = file
    }

    /// Makes the generation visible in every mapping, with one aligned store.
    public func store(_ generation: UInt32) {
        counter.store(generation)
    }

    /// The generation that clients see.
    public func load() -> UInt32 {
        counter.load()
    }

    /// Whether the page holds this generation and nothing else, as it does unless a process that may open
    /// the device for writing has written to its mapping.
    public func holdsOnly(_ generation: UInt32) -> Bool {
        counter.holdsOnly(generation)
    }

    /// Whether the page is that of the file.
    public func isShared(with pageFile: PageFile) -> Bool {
        guard let own = try? Files.status(of: file), let other = pageFile.status else { return false }
        return (own.device, own.inode) == (other.device, other.inode)
    }

    /// Puts the page right after `holdsOnly` was false.
    public func restore(_ generation: UInt32) {
        counter.restore(generation)
    }

    private static func makeFile() throws(SystemCallFailure) -> OwnedDescriptor {
        try describing("memfd_create", "the counter page") { () throws(Errno) in
            OwnedDescriptor(owning: try valueOrErrno { csysgenid_sealed_size_memfd("sysgenid", size) })
        }
    }
}
