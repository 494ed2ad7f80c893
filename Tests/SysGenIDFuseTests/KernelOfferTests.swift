import CSysGenID
import Glibc
import SysGenIDSystem
import Testing

@testable import SysGenIDFuse

/// The kernel's FUSE_INIT and its reply, as bytes.
@Suite struct KernelOfferTests {
    private static let unique: UInt64 = 2

    private func message(
        opcode: Int = CSYSGENID_FUSE_INIT, flags: Int = CSYSGENID_FUSE_INIT_EXT,
        flags2: Int = CSYSGENID_FUSE_PASSTHROUGH
    ) -> [UInt8] {
        var header = csysgenid_fuse_in_header()
        header.opcode = UInt32(opcode)
        header.unique = Self.unique
        var body = csysgenid_fuse_init_in()
        body.major = 7
        body.minor = 45
        body.flags = UInt32(flags)
        body.flags2 = UInt32(flags2)
        return withUnsafeBytes(of: header) { Array($0) } + withUnsafeBytes(of: body) { Array($0) }
    }

    /// What becomes of an answer of libfuse; nil where it was not taken for one.
    private func completed(
        to message: [UInt8], unique: UInt64 = unique, error: Int32 = 0, surplus: Int = 0,
        _ timeouts: RequestTimeouts = RequestTimeouts(usual: 0, longest: 0)
    ) -> (reply: KernelOffer.Reply, body: csysgenid_fuse_init_out)? {
        let header = csysgenid_fuse_out_header(len: 80, error: error, unique: unique)
        var body = csysgenid_fuse_init_out()
        body.flags = 0x21
        let answer = withUnsafeBytes(of: header, Array.init) + withUnsafeBytes(of: body, Array.init)
        let whole = surplus < 0 ? answer.dropLast(-surplus) : answer + Array(repeating: 0, count: surplus)
        guard let reply = KernelOffer(message)?.reply(completing: Array(whole), timeouts) else { return nil }
        #expect(Array(reply.message.dropFirst(16)) == reply.body)
        #expect(reply.message.prefix(16) == answer.prefix(16))
        return (reply, reply.body.withUnsafeBytes { $0.loadUnaligned(as: csysgenid_fuse_init_out.self) })
    }

    @Test func passthroughIsAskedForWhereItIsOffered() throws {
        let (reply, body) = try #require(completed(to: message()))
        #expect(reply.isPassthrough && reply.requestTimeout == nil)
        #expect(body.flags == 0x21 | UInt32(CSYSGENID_FUSE_INIT_EXT))
        #expect(body.flags2 == UInt32(CSYSGENID_FUSE_PASSTHROUGH | CSYSGENID_FUSE_DIRECT_IO_ALLOW_MMAP))
        #expect(body.max_stack_depth == 1)
    }

    @Test(arguments: [(flags: 0, flags2: CSYSGENID_FUSE_PASSTHROUGH), (CSYSGENID_FUSE_INIT_EXT, 0)])
    func whereItIsNotOfferedTheReplyStays(_ flags: Int, _ flags2: Int) throws {
        let (reply, body) = try #require(completed(to: message(flags: flags, flags2: flags2)))
        #expect(!reply.isPassthrough && reply.requestTimeout == nil)
        #expect(body.flags == 0x21)
        #expect(body.flags2 == 0)
        #expect(body.max_stack_depth == 0)
    }

    @Test func aShortInitOfAnOldKernelOffersNothing() throws {
        let short = Array(message().prefix(40 + 16))
        #expect(try !#require(completed(to: short)).reply.isPassthrough)
    }

    @Test(
        arguments: [(0, 60, 60), (60, 0, 65_535), (60, 300, 300), (0, 5, 15), (0, 100_000, 65_535)]
            as [(UInt32, UInt32, UInt32)])
    func theLongestTimeForRequestsIsAskedFor(_ usual: UInt32, _ longest: UInt32, _ granted: UInt32) throws {
        let timeouts = RequestTimeouts(usual: usual, longest: longest)
        let (reply, body) = try #require(
            completed(to: message(flags2: CSYSGENID_FUSE_REQUEST_TIMEOUT), timeouts))
        #expect(!reply.isPassthrough && reply.requestTimeout == granted)
        #expect(body.flags == 0x21 | UInt32(CSYSGENID_FUSE_INIT_EXT))
        #expect(body.flags2 == UInt32(CSYSGENID_FUSE_REQUEST_TIMEOUT))
        #expect(body.request_timeout == 65_535)
    }

    @Test func whereRequestsMayTakeAnyTimeNoneIsAskedFor() throws {
        let (reply, body) = try #require(completed(to: message(flags2: CSYSGENID_FUSE_REQUEST_TIMEOUT)))
        #expect(reply.requestTimeout == nil)
        #expect(body.flags2 == 0 && body.request_timeout == 0)
    }

    @Test func whatIsNoSuccessIsNoReply() {
        #expect(completed(to: message(), unique: 3) == nil)
        #expect(completed(to: message(), error: -71) == nil)
        #expect(completed(to: message(opcode: 3)) == nil)
        for surplus in [-80, -64, -1, 1] { #expect(completed(to: message(), surplus: surplus) == nil) }
    }

    @Test func aMessageCutAtAnyLengthIsNoHarm() {
        for length in 0..<message().count {
            let answer = completed(to: Array(message().prefix(length)))
            #expect(answer?.reply.isPassthrough != true, "\(length) bytes")
        }
    }
}

extension KernelOfferTests {
    @Test func attributesAreThoseOfARegularFileWhoseTimesNeverChange() {
        let status = FileAttributes(permissions: 0o640, userID: 0, groupID: 12, size: 4096, time: 99).status
        #expect(status.st_mode == S_IFREG | 0o640)
        #expect(status.st_nlink == 1)
        #expect(status.st_gid == 12)
        #expect(status.st_size == 4096)
        #expect([status.st_atim, status.st_mtim, status.st_ctim].allSatisfy { $0.tv_sec == 99 && $0.tv_nsec == 0 })
    }
}
