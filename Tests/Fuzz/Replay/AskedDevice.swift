import CSysGenID
import Glibc
import StateModel
import SysGenIDCore
import SysGenIDSystem
import Testing

@testable import SysGenIDFrontends

/// A device behind a scripted kernel, for tests that ask one thing after the other. The thread that stores in the kernel's
/// cache has not begun; `ScriptedKernel.settle` lets it.
struct AskedDevice {
    let kernel: ScriptedKernel
    private var source: MessageSource

    init(serving way: ScriptedKernel.Way) throws {
        kernel = try ScriptedKernel(serving: way)
        source = MessageSource(ByteChoices([]), of: kernel.kind)
        _ = try kernel.ask(source.handshake())
    }

    /// Makes the system another one, and so a new generation.
    func resume() {
        let known = kernel.service.guarded.withLock { $0.registry.identities.all.first?.low }
        if known == nil { identify(1) }
        identify((known ?? 1) + 1)
    }

    private func identify(_ number: UInt64) {
        kernel.service.identified(Identity(domain: .vmGenerationID, high: 0, low: number), by: "test")
    }

    mutating func open(_ flags: CInt) throws -> csysgenid_fuse_open_out {
        let reply = try kernel.ask(source.open(flags))
        try #require(reply.error == 0 && reply.body.count == MemoryLayout<csysgenid_fuse_open_out>.size)
        return reply.body.withUnsafeBytes { $0.loadUnaligned(as: csysgenid_fuse_open_out.self) }
    }

    mutating func openWatcher(_ flags: CInt) throws -> WatcherID { WatcherID(rawValue: try open(flags).fh) }

    mutating func ask(_ message: (inout MessageSource) -> [UInt8]) throws -> ScriptedKernel.Reply {
        try kernel.ask(message(&source))
    }

    /// Sends a message; all that comes until it has its answer, and that.
    mutating func replies(to message: (inout MessageSource) -> [UInt8]) throws -> [ScriptedKernel.Reply] {
        let sent = message(&source)
        _ = try kernel.send(sent)
        return try kernel.received(until: sent)
    }

    /// Sends a message that has no answer when what is asked after it has one.
    mutating func park(_ message: (inout MessageSource) -> [UInt8]) throws -> [UInt8] {
        let parked = message(&source)
        try #require(try !kernel.isAnswered(parked, before: source.unserved()))
        return parked
    }

    /// What a page shows that the kernel fills its cache with.
    mutating func fill(_ watcher: WatcherID) throws -> UInt32 {
        let reply = try ask { $0.read(watcher, count: 4_096, flags: UInt32(O_RDONLY), isFill: true) }
        return try #require(reply.word)
    }

    mutating func attributes(through watcher: WatcherID? = nil) throws -> ShownAttributes {
        try ShownAttributes(ask { $0.attributes(through: watcher) })
    }
}

extension ScriptedKernel.Reply {
    /// The generation of an answer that is nothing else.
    var word: UInt32? {
        error == 0 && body.count == 4 ? body.withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) } : nil
    }

    /// The generation that a notification stores in the kernel's cache; nil where it is none of these. See
    /// FUSE_NOTIFY_STORE in linux/fuse.h.
    var stored: UInt32? {
        guard unique == 0, error == 4, body.count == 28 else { return nil }
        return body.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 24, as: UInt32.self) }
    }
}

/// The attributes in an answer, see `struct fuse_attr_out` in linux/fuse.h.
struct ShownAttributes: Equatable {
    var validity: UInt64
    var size: UInt64
    var mode: UInt32
    var userID: UInt32
    var groupID: UInt32

    init(validity: UInt64, size: Int, mode: UInt32, userID: UInt32 = 0, groupID: UInt32 = 0) {
        (self.validity, self.size, self.mode) = (validity, UInt64(size), mode)
        (self.userID, self.groupID) = (userID, groupID)
    }

    init(_ reply: ScriptedKernel.Reply) throws {
        try #require(reply.error == 0 && reply.body.count == 104, "\(reply)")
        func field<Number: FixedWidthInteger>(at offset: Int) -> Number {
            reply.body.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: Number.self) }
        }
        (validity, size) = (field(at: 0), field(at: 24))
        (mode, userID, groupID) = (field(at: 76), field(at: 84), field(at: 88))
    }
}
