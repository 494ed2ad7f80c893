import CSysGenID
import Testing

@testable import SysGenIDFuse

/// What was agreed on with the kernel, held against what would be agreed on now.
@Suite struct AgreementTests {
    private func handshake(opcode: Int, flags2: Int = CSYSGENID_FUSE_PASSTHROUGH) -> [UInt8] {
        var header = csysgenid_fuse_in_header()
        (header.opcode, header.unique) = (UInt32(opcode), 2)
        if opcode == CSYSGENID_CUSE_INIT {
            header.len = 56
            let body: [UInt32] = [7, 40, 0, 1]
            return withUnsafeBytes(of: header, Array.init) + body.withUnsafeBytes { Array($0) }
        }
        var body = csysgenid_fuse_init_in()
        (body.major, body.minor, body.max_readahead) = (7, 40, 131_072)
        // Asynchronous direct reads, among all else that kernels offer.
        body.flags = 0xffff_ffff
        body.flags2 = UInt32(flags2)
        header.len = UInt32(40 + MemoryLayout.size(ofValue: body))
        return withUnsafeBytes(of: header, Array.init) + withUnsafeBytes(of: body, Array.init)
    }

    private func replyToFile(_ handshake: [UInt8]) throws -> csysgenid_fuse_init_out {
        try #require(Rehearsal.reply(to: handshake)).withUnsafeBytes { $0.load(as: csysgenid_fuse_init_out.self) }
    }

    @Test func aRehearsalGivesTheReplyThatTheKernelWouldGet() throws {
        let reply = try replyToFile(handshake(opcode: CSYSGENID_FUSE_INIT))
        #expect(reply.major == 7)
        #expect(reply.max_write == 4_096)
        #expect(reply.flags2 & UInt32(CSYSGENID_FUSE_PASSTHROUGH) != 0)
    }

    /// Else each read of a message fails (fuse_dev_do_read in fs/fuse/dev.c).
    @Test func theKernelFindsRoomForTheLongestWrite() throws {
        let file = try replyToFile(handshake(opcode: CSYSGENID_FUSE_INIT))
        let device = try #require(Rehearsal.reply(to: handshake(opcode: CSYSGENID_CUSE_INIT)))
            .withUnsafeBytes { $0.load(as: csysgenid_cuse_init_out.self) }
        for limit in [file.max_write, device.max_write] {
            #expect(limit == 4_096 && Int(limit) + 80 <= Session.longestMessage)
        }
    }

    @Test func asynchronousDirectReadsAreNotAgreedOn() throws {
        // FUSE_ASYNC_DIO of linux/fuse.h.
        #expect(try replyToFile(handshake(opcode: CSYSGENID_FUSE_INIT)).flags & 1 << 15 == 0)
    }

    @Test(arguments: [CSYSGENID_FUSE_INIT, CSYSGENID_CUSE_INIT])
    func theSameDaemonAgreesOnTheSame(_ opcode: Int) throws {
        let message = handshake(opcode: opcode)
        let replies = try (0..<2).map { _ in try #require(Rehearsal.reply(to: message)) }
        #expect(Agreement.differences(replies[0], replies[1], ofFile: opcode == CSYSGENID_FUSE_INIT).isEmpty)
    }

    @Test func whatDiffersIsNamed() throws {
        let kept = try replyToFile(handshake(opcode: CSYSGENID_FUSE_INIT))
        let changes: [(name: String, (inout csysgenid_fuse_init_out) -> Void)] = [
            ("minor", { $0.minor -= 1 }), ("flags", { $0.flags ^= 1 << 15 }),
            ("flags2", { $0.flags2 ^= UInt32(CSYSGENID_FUSE_PASSTHROUGH) }), ("max_write", { $0.max_write *= 2 }),
            ("max_stack_depth", { $0.max_stack_depth = 0 }),
        ]
        for change in changes {
            var other = kept
            change.1(&other)
            #expect(
                Agreement.differences(bytes(of: kept), bytes(of: other), ofFile: true) == [change.name])
        }
        var sooner = kept
        sooner.request_timeout = 60
        sooner.flags2 ^= UInt32(CSYSGENID_FUSE_REQUEST_TIMEOUT)
        #expect(Agreement.differences(bytes(of: kept), bytes(of: sooner), ofFile: true).isEmpty)
    }

    @Test func whatIsNoReplyDiffers() {
        for (kept, wanted) in [([], [1]), ([1], [1]), ([1, 2], [])] as [([UInt8], [UInt8])] {
            #expect(Agreement.differences(kept, wanted, ofFile: true) == ["its length"])
            #expect(Agreement.differences(kept, wanted, ofFile: false) == ["its length"])
        }
    }

    @Test func aDamagedHandshakeHasNoReply() {
        let whole = handshake(opcode: CSYSGENID_FUSE_INIT)
        for length in [0, 8, 39, 40] { #expect(Rehearsal.reply(to: Array(whole.prefix(length))) == nil) }
        #expect(Rehearsal.reply(to: handshake(opcode: CSYSGENID_FUSE_READ)) == nil)
    }

    private func bytes(of reply: csysgenid_fuse_init_out) -> [UInt8] { withUnsafeBytes(of: reply, Array.init) }
}
