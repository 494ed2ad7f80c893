internal import CSysGenID
internal import Glibc
internal import SystemPackage

/// A page that clients map, mapped for writing: the generation as a 32-bit word in native byte order, and zeros.
// Sendable: the address never changes, the page is mapped as long as the object lives, and the word is accessed
// atomically; whole-page checks are made by one caller under its lock.
final class MappedCounter: @unchecked Sendable {
    private let address: UnsafeMutableRawPointer
    private let word: UnsafeMutablePointer<UInt32>

    /// Maps the page of a file, which may be closed then. See mmap(2).
    init(_ file: borrowing OwnedDescriptor) throws(SystemCallFailure) {
        let address = mmap(nil, CounterPage.size, PROT_READ | PROT_WRITE, MAP_SHARED, file.rawValue, 0)
        guard let address, address != MAP_FAILED else {
            throw SystemCallFailure("mmap", "the counter page", Errno(rawValue: errno))
        }
        self.address = address
        word = (address + CounterPage.generationOffset).assumingMemoryBound(to: UInt32.self)
    }

    deinit {
        munmap(address, CounterPage.size)
    }

    func store(_ generation: UInt32) {
        csysgenid_store_release(word, generation)
    }

    func load() -> UInt32 {
        csysgenid_load_acquire(word)
    }

    func holdsOnly(_ generation: UInt32) -> Bool {
        guard load() == generation else { return false }
        // The rest is zero where its first word is, and each byte is as the one a word before it.
        let rest = address + CounterPage.generationOffset + MemoryLayout<UInt32>.size
        let next = rest + MemoryLayout<UInt32>.size
        return csysgenid_load_acquire(word + 1) == 0 && memcmp(rest, next, address + CounterPage.size - next) == 0
    }

    func restore(_ generation: UInt32) {
        store(generation)
        memset(address + MemoryLayout<UInt32>.size, 0, CounterPage.size - MemoryLayout<UInt32>.size)
    }
}
