import CSysGenID
import Testing

@testable import SysGenIDFuse

/// When a session has served what its predecessor left unanswered.
@Suite struct CatchingUpTests {
    /// What becomes of it when a message of the kernel with this number comes.
    private func after(
        _ unique: UInt64, opcode: Int = CSYSGENID_FUSE_READ, _ catchingUp: CatchingUp
    ) throws -> CatchingUp {
        var header = csysgenid_fuse_in_header()
        (header.opcode, header.unique) = (UInt32(opcode), unique)
        var next = catchingUp
        let isOverNow = try withUnsafeBytes(of: header) { try next.received(#require(KernelMessage(checking: $0))) }
        #expect(isOverNow == (next.isOver && !catchingUp.isOver))
        return next
    }

    @Test(
        arguments: [
            (.receiving(isResent: true), 8 | 1 << 63, .receiving(isResent: true)),
            (.receiving(isResent: true), 8, .over),
            (.receiving(isResent: false), 8, .over),
            // It is given to libfuse by the daemon, and says nothing of what the kernel has left.
            (.replaying([], isResent: true), 8, .replaying([], isResent: true)),
            (.over, 8, .over),
        ] as [(CatchingUp, UInt64, CatchingUp)])
    func theFirstRequestWithoutTheMarkIsNew(_ before: CatchingUp, _ unique: UInt64, _ next: CatchingUp) throws {
        #expect(try after(unique, before) == next)
    }

    @Test(arguments: [CSYSGENID_FUSE_INTERRUPT, CSYSGENID_FUSE_FORGET, CSYSGENID_FUSE_BATCH_FORGET])
    func whatTheKernelSendsBeforeAllRequestsSaysNothing(_ opcode: Int) throws {
        #expect(try after(9, opcode: opcode, .receiving(isResent: true)) == .receiving(isResent: true))
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

    @Test(
        arguments: [
            (.receiving(isResent: true), true, .over), (.receiving(isResent: true), false, .receiving(isResent: true)),
            (.replaying([], isResent: true), true, .over),
            (.replaying([], isResent: true), false, .replaying([], isResent: true)),
            (.over, true, .over),
        ] as [(CatchingUp, Bool, CatchingUp)])
    func anEmptyQueueSaysIt(_ before: CatchingUp, _ isQueueEmpty: Bool, _ next: CatchingUp) {
        var catchingUp = before
        #expect(catchingUp.looked(isQueueEmpty: isQueueEmpty) == (next.isOver && !before.isOver))
        #expect(catchingUp == next)
    }

    @Test func withoutResendItIsTheEndOfWhatIsReplayed() {
        var catchingUp = CatchingUp(replaying: [[1], [2, 2]], isResent: false)
        for message: [UInt8] in [[1], [2, 2]] {
            #expect(catchingUp.looked(isQueueEmpty: true) == false)
            #expect(catchingUp.next(upTo: 2) == message)
            #expect(catchingUp.isReplaying && !catchingUp.isOver)
        }
        // However many new ones wait.
        #expect(catchingUp.looked(isQueueEmpty: false) == true)
        #expect(catchingUp.isOver && !catchingUp.isReplaying)
        #expect(catchingUp.next(upTo: 2) == nil)
    }

    @Test func whatHasNoRoomIsLeftOut() {
        var catchingUp = CatchingUp(replaying: [[1, 1], [2], [3, 3]], isResent: true)
        #expect(catchingUp.next(upTo: 1) == [2])
        #expect(catchingUp.next(upTo: 1) == nil)
        #expect(catchingUp == .receiving(isResent: true))
    }
}
