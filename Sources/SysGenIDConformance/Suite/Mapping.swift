internal import CConformanceClients
internal import CSysGenID
internal import Glibc

/// How a page of the device is mapped. See mmap(2).
enum Sharing: CaseIterable {
    case shared, privately

    var flags: CInt { self == .shared ? MAP_SHARED : MAP_PRIVATE }
    var name: String { self == .shared ? "MAP_SHARED" : "MAP_PRIVATE" }
}

/// A mapping of the device, as the clients of the interface use it.
struct Mapping {
    static let pageSize = sysconf(CInt(_SC_PAGESIZE))

    private let address: UnsafeMutableRawPointer
    private let length: Int

    /// The generation in the mapped page.
    var generation: UInt32 { word(at: 0) }

    func word(at offset: Int) -> UInt32 {
        csysgenid_load_acquire(pointer(at: offset))
    }

    func scribble(_ value: UInt32) {
        csysgenid_store_release(pointer(at: 0), value)
    }

    func unmap() {
        _ = client_unmap(address, length)
    }

    private func pointer(at offset: Int) -> UnsafeMutablePointer<UInt32> {
        (address + offset).assumingMemoryBound(to: UInt32.self)
    }

    /// Maps the descriptor; nil, and why, where that fails.
    static func attempt(
        _ watcher: Watcher, _ sharing: Sharing = .shared, writable: Bool = false,
        pages: Int = 1, offset: Int = 0
    ) -> (mapping: Mapping?, answer: Answer) {
        var address: UnsafeMutableRawPointer?
        let protection = writable ? PROT_READ | PROT_WRITE : PROT_READ
        let length = pages * pageSize
        let answer = client_map(watcher.descriptor, length, protection, sharing.flags, offset, &address)
        guard answer == .done, let address else { return (nil, answer) }
        return (Mapping(address: address, length: length), answer)
    }
}

extension Watcher {
    /// Maps the page, which has to succeed.
    func map(_ sharing: Sharing = .shared, writable: Bool = false) throws -> Mapping {
        let (mapping, answer) = Mapping.attempt(self, sharing, writable: writable)
        guard let mapping else {
            throw Mismatch(step: "mmap \(sharing.name)", expected: "a mapping", got: "\(answer)")
        }
        return mapping
    }
}
