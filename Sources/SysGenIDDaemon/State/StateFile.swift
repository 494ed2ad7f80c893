public import SysGenIDCore
public import SysGenIDSystem

/// What must outlive the daemon: the generation and the last identity, in a file of the runtime directory.
///
/// The file has two slots that are written in turn, each with one call, so that a write that is cut off
/// leaves the record before it. Nothing is forced to a disk: the runtime directory lies in memory, and what
/// is to be survived is the end of the process; the end of the system makes every record void.
public final class StateFile: Sendable {
    /// What the file held when it was opened.
    public enum Loaded: Hashable, Sendable {
        /// Nothing of this boot of the system: the counter starts at 0.
        case fresh
        /// The record that a predecessor left.
        case record(Record)
        /// The file is damaged, with the reason in a few words. The record to continue with is not below
        /// any generation that was published.
        case damaged(reason: String, continuing: Record)

        /// What to continue with.
        public var record: Record {
            switch self {
            case .fresh: Record(generation: .fresh)
            case .record(let record), .damaged(_, let record): record
            }
        }
    }

    /// What the predecessor left. From here on the file holds a valid record of it.
    public let loaded: Loaded
    private let file: NamedFile
    private let bootID: BootID
    private let position: Lock<StateContents.Position>

    /// Opens the file `state` of the directory, or makes it.
    ///
    /// - Parameter bootID: which boot of the system this is; records of another one are void.
    public init(in directory: RuntimeDirectory, bootID: BootID) throws(StateFailure) {
        self.bootID = bootID
        file = try directory.openOwnFile("state")
        do throws(SystemCallFailure) {
            let publishedPath = directory.path(of: Attributes.generationName)
            let found = StateContents(
                try file.read(upTo: StateContents.size + 1), bootID: bootID,
                published: Self.published(at: publishedPath))
            // What an earlier boot published must not be taken for this one's when the file is damaged later.
            if found.finding == .fresh, Files.exists(publishedPath) { try Files.remove(publishedPath) }
            if let image = found.replacement {
                try file.write(image, at: 0)
                try file.setLength(Int64(image.count))
            }
            loaded = found.finding
            position = Lock(found.next)
        } catch {
            throw .system(error)
        }
    }

    /// Makes the record the one that a successor continues with.
    public func write(_ record: Record) throws(SystemCallFailure) {
        try position.withLock { next throws(SystemCallFailure) in
            let slot = StateSlot(sequence: next.sequence, bootID: bootID, record: record)
            try withUnsafeTemporaryAllocation(byteCount: StateSlot.size, alignment: 8) { bytes in
                Result { () throws(SystemCallFailure) in
                    slot.encode(into: bytes)
                    try file.write(UnsafeRawBufferPointer(bytes), at: Int64(next.slot * StateSlot.size))
                }
            }.get()
            next.advance()
        }
    }

    private static func published(at path: String) -> Generation? {
        guard let contents = try? Files.read(path, limit: 16), contents.last == UInt8(ascii: "\n") else { return nil }
        return UInt32(String(decoding: contents.dropLast(), as: UTF8.self)).map(Generation.init(rawValue:))
    }
}
