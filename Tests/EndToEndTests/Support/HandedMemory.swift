import Foundation
import Testing

/// The memory that is kept for the next daemon, as an administrator with a debugger would see it. Where its parts lie is
/// written down in `HandoverLayout`; this is the counter file's part.
final class HandedMemory {
    private let file: Int32

    init(descriptor: Int32) {
        file = descriptor
    }

    deinit { close(file) }

    /// Lets it seem as if the last daemon had ended while it served the request that has been parked first, and so many
    /// before it as well.
    func blameTheFirstParkedRequest(andBefore suspicions: UInt32) throws {
        let block = 512 + 512
        try write(try bytes(8, at: try firstParked()), at: block + 400)
        try write(word: suspicions, at: block + 408)
        try blame()
    }

    /// Lets it seem as if the last daemon had ended while it served the request that has been parked first.
    func blame() throws {
        let slot = try firstParked()
        let (served, length) = (36_864 + 8_192, try word(at: slot + 16))
        try write(try bytes(Int(length), at: slot + 32), at: served + 8)
        try write(word: 0, at: served + 4)
        try write(word: length, at: served)
    }

    /// The request over which daemons are held to have ended; 0 where there is none.
    func suspect() throws -> UInt32 { try word(at: 512 + 512 + 400) }

    /// Whether a request waits for its answer.
    func hasParked() throws -> Bool { try bytes(8, at: 61_440 + 64 * Int(try word(at: 12))).contains { $0 != 0 } }

    /// Lets it seem as if the kernel had been asked for asynchronous direct reads, as version 0.1.0 did: FUSE_ASYNC_DIO
    /// of linux/fuse.h, in the flags of the kept reply.
    func agreeOnAsynchronousReads() throws {
        let flags = 512 + 512 + 272 + 12
        try write(word: try word(at: flags) | 1 << 15, at: flags)
    }

    private func firstParked() throws -> Int {
        let slot = 61_440 + 64 * Int(try word(at: 12))
        try #require(try bytes(8, at: slot).contains { $0 != 0 }, "no request is parked")
        return slot
    }

    func write(word: UInt32, at offset: Int) throws {
        try write(withUnsafeBytes(of: word, Array.init), at: offset)
    }

    private func write(_ bytes: [UInt8], at offset: Int) throws {
        try #require(pwrite(file, bytes, bytes.count, off_t(offset)) == bytes.count)
    }

    private func word(at offset: Int) throws -> UInt32 {
        try bytes(4, at: offset).withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) }
    }

    private func bytes(_ count: Int, at offset: Int) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        try #require(pread(file, &bytes, count, off_t(offset)) == count)
        return bytes
    }
}
