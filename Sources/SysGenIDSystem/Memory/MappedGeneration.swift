internal import CSysGenID
internal import Glibc
internal import SystemPackage

/// A read-only mapping of the page with the generation. It outlives the descriptor. See mmap(2).
// Sendable: the address never changes, the word is only read, atomically, and the page behind it is replaced by one
// system call, before or after which another thread reads.
public final class MappedGeneration: @unchecked Sendable {
    private let page: UnsafeMutableRawPointer
    private let word: UnsafePointer<UInt32>
    private let offset: Int

    /// - Parameter offset: where in the page the generation lies, in bytes: a multiple of 4.
    init(mapping descriptor: borrowing OwnedDescriptor, offset: Int) throws(Errno) {
        let wordSize = MemoryLayout<UInt32>.size
        guard (0...CounterPage.size - wordSize).contains(offset), offset.isMultiple(of: wordSize) else {
            throw .invalidArgument
        }
        page = try Self.map(descriptor)
        word = UnsafePointer((page + offset).assumingMemoryBound(to: UInt32.self))
        self.offset = offset
    }

    /// Maps the page that a daemon publishes as a plain file. Nobody but root may have been able to write to it.
    ///
    /// - Throws: `.permissionDenied` where the file could be somebody else's; `.invalidArgument` where it is no page.
    public static func published(_ path: String, offset: Int) throws(SystemCallFailure) -> MappedGeneration {
        let file = try openFile(path, [.readOnly, .nonBlocking, .noFollow])
        return try describing("mmap", path) { () throws(Errno) in
            let status = try Files.status(of: file)
            guard status.userID == 0, status.permissions & 0o022 == 0 else { throw .permissionDenied }
            // Behind the end of a shorter file there is nothing to load.
            guard status.kind == .regular, status.size >= CounterPage.size else { throw .invalidArgument }
            return try MappedGeneration(mapping: file, offset: offset)
        }
    }

    deinit {
        munmap(page, CounterPage.size)
    }

    /// The generation, by one load with acquire ordering.
    public func load() -> UInt32 {
        csysgenid_load_acquire(word)
    }

    /// Puts the page of another mapping behind this one, at the same address: whoever loads gets the generation from the
    /// old page or from the new one. See mremap(2), MREMAP_FIXED.
    ///
    /// - Throws: `.invalidArgument` where the generation lies elsewhere in the other page.
    public func takePage(of other: MappedGeneration) throws(SystemCallFailure) {
        try describing("mremap", "the generation's page") { () throws(Errno) in
            guard other.offset == offset else { throw .invalidArgument }
            // A copy is moved, so that the other mapping stays what it was: of a shared page, the old size 0 makes one.
            try nothingOrErrno { csysgenid_replace_page(page, other.page, CounterPage.size) }
        }
    }

    private static func map(_ descriptor: borrowing OwnedDescriptor) throws(Errno) -> UnsafeMutableRawPointer {
        let address = mmap(nil, CounterPage.size, PROT_READ, MAP_SHARED, descriptor.rawValue, 0)
        guard let address, address != MAP_FAILED else { throw Errno(rawValue: errno) }
        return address
    }
}
