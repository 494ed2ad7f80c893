internal import CSysGenID
internal import Glibc
internal import SystemPackage

/// The first page of a device of the kernel's own, mapped for reading. It outlives the descriptor. See mmap(2).
// Sendable: the address never changes, the page is mapped as long as the object lives, and its words are only read,
// atomically.
public final class MappedDevicePage: @unchecked Sendable {
    private let page: UnsafeMutableRawPointer

    /// Maps the page of a character device that a driver of the kernel has registered by itself (misc, major number 10), and
    /// of nothing else: a file could be made shorter, and a look at it would end the program (SIGBUS).
    ///
    /// - Throws: `.inappropriateIOCTLForDevice` (`ENOTTY`) where it is something else.
    public convenience init(_ path: String) throws(SystemCallFailure) {
        let device = try openFile(path, [.readOnly, .nonBlocking, .noControllingTerminal])
        guard csysgenid_is_misc_device(device.rawValue) == 1 else {
            throw SystemCallFailure("open", path, .inappropriateIOCTLForDevice)
        }
        try self.init(mapping: device, at: path)
    }

    /// Maps whatever has a page.
    package init(mapping file: borrowing OwnedDescriptor, at path: String) throws(SystemCallFailure) {
        let address = mmap(nil, CounterPage.size, PROT_READ, MAP_SHARED, file.rawValue, 0)
        guard let address, address != MAP_FAILED else { throw SystemCallFailure("mmap", path, Errno(rawValue: errno)) }
        page = address
    }

    deinit {
        munmap(page, CounterPage.size)
    }

    /// The word at the offset, a multiple of 4, in native byte order, by one load with acquire ordering.
    public func load(_ type: UInt32.Type, at offset: Int) -> UInt32 {
        csysgenid_load_acquire(pointer(to: type, at: offset))
    }

    /// The word at the offset, a multiple of 8, in native byte order, by one load with acquire ordering.
    public func load(_ type: UInt64.Type, at offset: Int) -> UInt64 {
        csysgenid_load_acquire_64(pointer(to: type, at: offset))
    }

    private func pointer<Word>(to type: Word.Type, at offset: Int) -> UnsafePointer<Word> {
        let width = MemoryLayout<Word>.size
        precondition(
            (0...CounterPage.size - width).contains(offset) && offset.isMultiple(of: width),
            "a word outside of the page")
        return UnsafePointer((page + offset).assumingMemoryBound(to: type))
    }
}
