import CSysGenID
import StoreWatch

/// What a daemon does that outlives it.
enum Deed {
    case stored(file: Int, offset: Int, bytes: [UInt8])
    case told(KernelReply)
}

/// A message of the daemon to the kernel.
struct KernelReply {
    /// Of the request, without the mark of one that is delivered again; 0 where it answers none.
    var number: UInt64
    /// Where it answers none, its kind.
    var error: CInt
    var body: [UInt8]

    init(_ message: [UInt8]) {
        let header = message.withUnsafeBytes { $0.loadUnaligned(as: csysgenid_fuse_out_header.self) }
        number = header.unique & ~Sent.resentMark
        error = header.error
        body = Array(message.dropFirst(MemoryLayout<csysgenid_fuse_out_header>.size))
    }

    func word<Word: FixedWidthInteger>(_ type: Word.Type, at offset: Int = 0) -> Word? {
        guard body.count >= offset + MemoryLayout<Word>.size else { return nil }
        return body.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: type) }
    }
}

/// Sees each store to some files in memory, and what is told over a socket, in their order. There can be one at a time.
final class StoreLog {
    static var isPossible: Bool { storewatch_is_possible() == 1 }

    /// - Parameters:
    ///   - files: whose mappings are watched that there are now.
    ///   - socket: the end at which the messages arrive.
    init(of files: [CInt], and socket: CInt) throws(Violation) {
        try demand(storewatch_begin(files, files.count, socket) == 0, "the stores cannot be watched")
    }

    /// What has been done since the last call.
    func take() -> [Deed] {
        storewatch_take_messages()
        var size = 0
        let log = UnsafeRawBufferPointer(start: storewatch_take_log(&size), count: size)
        var deeds: [Deed] = []
        var place = 0
        while place < size {
            let entry = log.loadUnaligned(fromByteOffset: place, as: storewatch_entry.self)
            place += MemoryLayout<storewatch_entry>.size
            let bytes = Array(log[place..<place + Int(entry.length)])
            place += (bytes.count + 7) & ~7
            deeds.append(
                entry.kind == STOREWATCH_STORE.rawValue
                    ? .stored(file: Int(entry.file), offset: Int(entry.offset), bytes: bytes)
                    : .told(KernelReply(bytes)))
        }
        return deeds
    }

    deinit { storewatch_end() }
}
