import CSysGenID
import Testing

@testable import SysGenIDFuse

/// When a session has served what its predecessor left unanswered.
@Suite struct CatchingUpTests {
    /// The header of a message with this number.
    private func isOver(
        _ catchingUp: CatchingUp, before unique: UInt64, opcode: Int = CSYSGENID_FUSE_READ
    ) throws -> Bool {
        var header = csysgenid_fuse_in_header()
        (header.opcode, header.unique) = (UInt32(opcode), unique)
        return try withUnsafeBytes(of: header) { try catchingUp.isOver(before: #require(KernelMessage(checking: $0))) }
    }

    private func replayed(_ count: Int) -> CatchingUp {
        CatchingUp(replaying: [[UInt8]](repeating: [1], count: count), isResent: false)
    }

    @Test func theFirstRequestWithoutTheMarkIsNew() throws {
        let catchingUp = CatchingUp(replaying: [], isResent: true)
        #expect(try !isOver(catchingUp, before: 8 | 1 << 63))
        #expect(try isOver(catchingUp, before: 8))
    }

    @Test(arguments: [CSYSGENID_FUSE_INTERRUPT, CSYSGENID_FUSE_FORGET, CSYSGENID_FUSE_BATCH_FORGET])
    func whatTheKernelSendsBeforeAllRequestsSaysNothing(_ opcode: Int) throws {
        #expect(try !isOver(CatchingUp(replaying: [], isResent: true), before: 9, opcode: opcode))
    }

    /// The kernel delivers again what wants an answer, and nothing else.
    @Test func whatTheKernelTellsOnceIsReplayedByTheDaemon() {
        let opcodes = [CSYSGENID_FUSE_READ, CSYSGENID_FUSE_FORGET, CSYSGENID_FUSE_BATCH_FORGET]
        let messages = opcodes.map { opcode in
            var header = csysgenid_fuse_in_header()
            header.opcode = UInt32(opcode)
            return withUnsafeBytes(of: header, Array.init)
        }
        let agreement = Agreement(handshake: [], reply: [], backing: nil, requestTimeout: nil)
        let handed = HandedSession(continuing: agreement, unanswered: messages + [[1]])
        #expect(handed.untold == Array(messages[1...]))
    }

    @Test func anEmptyQueueSaysIt() {
        let catchingUp = CatchingUp(replaying: [], isResent: true)
        #expect(catchingUp.isOver(isQueueEmpty: true))
        #expect(!catchingUp.isOver(isQueueEmpty: false))
    }

    @Test func withoutResendItIsTheEndOfWhatIsReplayed() throws {
        var catchingUp = replayed(1)
        #expect(!catchingUp.isOver(isQueueEmpty: true))
        #expect(try !isOver(catchingUp, before: 8))
        var buffer: [UInt8] = [0, 0]
        #expect(buffer.withUnsafeMutableBytes { catchingUp.next(into: $0.baseAddress, $0.count) } == 1)
        // However many new ones wait.
        #expect(catchingUp.isOver(isQueueEmpty: false))
    }
}
