import CSysGenID
import SysGenIDSystem
import Testing

@testable import SysGenIDFuse

/// What is done one after the other until kernel and daemon have agreed.
@Suite struct HandshakeTests {
    private static let timeouts = RequestTimeouts(usual: 0, longest: 0)

    private static func message(opcode: Int, unique: UInt64 = 2) -> [UInt8] {
        var header = csysgenid_fuse_in_header()
        (header.opcode, header.unique) = (UInt32(opcode), unique)
        var body = csysgenid_fuse_init_in()
        (body.major, body.minor) = (7, 45)
        (body.flags, body.flags2) = (UInt32(CSYSGENID_FUSE_INIT_EXT), UInt32(CSYSGENID_FUSE_PASSTHROUGH))
        return withUnsafeBytes(of: header, Array.init) + withUnsafeBytes(of: body, Array.init)
    }

    private static func answer(error: Int32 = 0, bodySize: Int) -> [UInt8] {
        let header = csysgenid_fuse_out_header(len: UInt32(16 + bodySize), error: error, unique: 2)
        return withUnsafeBytes(of: header, Array.init) + [UInt8](repeating: 0, count: bodySize)
    }

    private static let ofFile = message(opcode: CSYSGENID_FUSE_INIT)
    private static let ofDevice = message(opcode: CSYSGENID_CUSE_INIT)
    private static let answerOfFile = answer(bodySize: MemoryLayout<csysgenid_fuse_init_out>.size)
    private static let answerOfDevice = answer(bodySize: MemoryLayout<csysgenid_cuse_init_out>.size)
    private static let refusal = answer(error: -71, bodySize: 0)

    /// Where these events lead one after the other.
    private func state(_ start: Handshake, _ events: [Handshake.Event]) -> Handshake {
        events.reduce(start) { $0.after($1) }
    }

    private func offer(_ message: [UInt8]) throws -> KernelOffer { try #require(KernelOffer(message)) }

    // MARK: Anew

    @Test(arguments: [(ofFile, answerOfFile), (ofDevice, answerOfDevice)])
    func theStepsOfAnAgreement(_ message: [UInt8], _ answer: [UInt8]) throws {
        let offer = try offer(message)
        let reply = try #require(offer.reply(completing: answer, Self.timeouts))
        var agreement = Agreement(handshake: message, reply: reply.body)
        let next = offer.isOfFile ? Handshake.registering(agreement) : .agreed(agreement)
        var handshake = Handshake(continuing: nil)
        let table: [(Handshake, Handshake.Event)] = [
            (.awaiting, .received(message)),
            (.asking(offer, kept: nil), .answered(answer, Self.timeouts)),
            (.sending(reply.message, then: .attaching(then: next)), .sent(true)),
            (.attaching(then: next), .done),
        ]
        for (state, event) in table {
            #expect(handshake == state)
            handshake = handshake.after(event)
        }
        #expect(handshake == next)
        guard offer.isOfFile else { return }
        #expect(handshake.after(.registered(nil)) == .agreed(agreement))
        agreement.backing = 5
        #expect(handshake.after(.registered(5)) == .agreed(agreement))
    }

    @Test func theTimeForRequestsIsKept() {
        let message = Self.message(opcode: CSYSGENID_FUSE_INIT)
        var offering = message
        offering.withUnsafeMutableBytes {
            let position = KernelMessage.headerSize + MemoryLayout.offset(of: \csysgenid_fuse_init_in.flags2)!
            $0.storeBytes(of: UInt32(CSYSGENID_FUSE_REQUEST_TIMEOUT), toByteOffset: position, as: UInt32.self)
        }
        let limited = RequestTimeouts(usual: 60, longest: 300)
        let agreed = state(
            .awaiting, [.received(offering), .answered(Self.answerOfFile, limited), .sent(true), .done])
        guard case .agreed(let agreement) = agreed else { return #expect(Bool(false), "\(agreed)") }
        #expect(agreement.requestTimeout == 300 && agreement.backing == nil)
    }

    @Test func whatComesBeforeTheHandshakeIsRefusedAndNoMore() {
        let early = Self.message(opcode: CSYSGENID_FUSE_READ, unique: 8)
        #expect(state(.awaiting, [.received(early)]) == .refusing(unique: 8))
        #expect(state(.refusing(unique: 8), [.done]) == .awaiting)
        let untold = Self.message(opcode: CSYSGENID_FUSE_FORGET)
        #expect(state(.awaiting, [.received(untold)]) == .awaiting)
    }

    @Test(arguments: [nil, [], Array(ofFile.prefix(39))])
    func withoutAWholeMessageTheSessionIsOver(_ message: [UInt8]?) {
        #expect(state(.awaiting, [.received(message)]) == .ended)
    }

    @Test func theKernelIsToldThatLibfuseRefuses() throws {
        let refused = state(.awaiting, [.received(Self.ofFile), .answered(Self.refusal, Self.timeouts)])
        #expect(refused == .sending(Self.refusal, then: .failed))
        for isTaken in [false, true] { #expect(refused.after(.sent(isTaken)) == .failed) }
    }

    @Test func withoutAnAnswerOrAKernelThatTakesItThereIsNoAgreement() throws {
        let asking = Handshake.asking(try offer(Self.ofFile), kept: nil)
        #expect(asking.after(.answered(nil, Self.timeouts)) == .failed)
        #expect(state(asking, [.answered(Self.answerOfFile, Self.timeouts), .sent(false)]) == .failed)
    }

    // MARK: Continued

    /// Whatever this daemon would have replied: the kernel has been told.
    @Test func whatAPredecessorAgreedOnHolds() throws {
        let kept = Agreement(handshake: Self.ofFile, reply: [1], backing: 7, requestTimeout: 60)
        let asking = Handshake(continuing: kept)
        #expect(asking == .asking(try offer(Self.ofFile), kept: kept))
        let attaching = asking.after(.answered(Self.answerOfFile, Self.timeouts))
        #expect(attaching == .attaching(then: .agreed(kept)))
        #expect(attaching.after(.done) == .agreed(kept))
        for answer in [nil, Self.refusal] { #expect(asking.after(.answered(answer, Self.timeouts)) == .failed) }
    }

    @Test func withADamagedHandshakeOfAPredecessorTheSessionIsOver() {
        #expect(Handshake(continuing: Agreement(handshake: [1], reply: [])) == .ended)
    }

    // MARK: What does not belong together

    @Test func anEventOfAnotherStateChangesNothing() throws {
        let agreement = Agreement(handshake: Self.ofFile, reply: [])
        let states: [(Handshake, belonging: Int)] = [
            (.awaiting, 0), (.asking(try offer(Self.ofFile), kept: nil), 1), (.sending([], then: .failed), 2),
            (.registering(agreement), 3), (.refusing(unique: 2), 4), (.attaching(then: .ended), 4),
            (.agreed(agreement), -1), (.ended, -1), (.failed, -1),
        ]
        let events: [Handshake.Event] = [
            .received(Self.ofFile), .answered(Self.answerOfFile, Self.timeouts), .sent(true), .registered(5), .done,
        ]
        for (state, belonging) in states {
            for (number, event) in events.enumerated() {
                #expect((state.after(event) == state) == (number != belonging), "\(state), \(event)")
            }
        }
    }
}
