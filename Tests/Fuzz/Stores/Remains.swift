import SysGenIDCore
import SysGenIDFuse
import SysGenIDSystem

@testable import SysGenIDFrontends

/// What a daemon leaves that ends at one moment: the memory, the page and what the journal holds, which the state file is
/// in the daemon itself.
struct Remains: Equatable {
    /// In the order of the files that are watched.
    private(set) var files: [[UInt8]]

    /// More than a run needs, so that no request is refused for them.
    static let limits = Limits(watchers: 128, parkedPerWatcher: 16)

    /// A daemon has connected and served nothing yet.
    init(of way: PlayedDaemon.Way, at record: Record) throws {
        guard let memory = try HandoverMemory(device: "/dev/sysgenid", limits: Self.limits) else {
            throw Violation(description: "no memory")
        }
        memory.commit(record)
        let agreement = Agreement(
            handshake: MessageSource.handshake(unique: 1, of: way.kind), reply: [],
            backing: way == .passthrough ? 1 : nil)
        memory.connected(way.kind, by: agreement)
        let word = withUnsafeBytes(of: record.generation.rawValue, Array.init)
        files = [memory.memory.load(memory.memory.size, at: 0), word, word]
    }

    var memory: [UInt8] { files[0] }
    var page: UInt32 { files[1].withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) } }
    var journal: UInt32 { files[2].withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) } }

    /// One more store was made.
    mutating func store(_ bytes: [UInt8], at offset: Int, in file: Int) {
        files[file].replaceSubrange(offset..<offset + bytes.count, with: bytes)
    }

    /// A daemon has done so much since.
    mutating func take(_ deeds: [Deed]) {
        for case .stored(let file, let offset, let bytes) in deeds { store(bytes, at: offset, in: file) }
    }

    /// Whether nothing else differs from what was left before than which request is served.
    func differsOnlyInWhatIsServed(from earlier: Remains, of kind: FrontendKind) -> Bool {
        var other = earlier
        let served = HandoverLayout.Served.offset(of: kind)
        let block = served..<served + HandoverLayout.Served.message + HandoverLayout.Served.limit
        other.files[0].replaceSubrange(block, with: memory[block])
        return other == self
    }
}

/// A journal whose one word is stored in memory, so that it is seen when.
final class WatchedJournal: Journal {
    let memory: SharedMemory

    init(_ generation: UInt32) throws(SystemCallFailure) {
        memory = try SharedMemory(named: "journal", size: 4_096)
        memory.store(generation, at: 0)
    }

    func write(_ record: Record) throws(SystemCallFailure) { memory.store(record.generation.rawValue, at: 0) }

    func keep(_ forged: ForgedGenerations) throws(SystemCallFailure) {}
}
