internal import SysGenIDSystem

/// How kernel and daemon come to agree on what a connection can do: a state machine that reads, writes and asks nothing
/// itself. A state says what is to be done, an event what came of it.
indirect enum Handshake: Hashable, Sendable {
    /// A message of the kernel is awaited.
    case awaiting
    /// A request came before the handshake. It is answered with EIO.
    case refusing(unique: UInt64)
    /// libfuse is asked for its answer to the kernel's offer. The kernel has had the reply to one of which an agreement was
    /// kept.
    case asking(KernelOffer, kept: Agreement?)
    /// The kernel is sent the reply; what follows once it has taken it.
    case sending([UInt8], then: Handshake)
    /// libfuse is let write to the connection; what follows.
    case attaching(then: Handshake)
    /// The kernel is given the backing file.
    case registering(Agreement)
    /// Requests come next.
    case agreed(Agreement)
    /// The kernel wants no agreement any more.
    case ended
    /// libfuse has no answer, or the kernel does not take it.
    case failed

    enum Event {
        /// The kernel's message; nil where there will be none any more.
        case received([UInt8]?)
        /// libfuse's answer, with its header; nil where it has none. And how long the kernel lets requests be without one.
        case answered([UInt8]?, RequestTimeouts)
        /// Whether the kernel took what it was sent.
        case sent(Bool)
        /// The backing file's number; nil where there is none.
        case registered(BackingID?)
        /// What cannot fail, or has not, was done.
        case done
    }

    /// - Parameter agreement: the one of a predecessor, which goes on.
    init(continuing agreement: Agreement?) {
        guard let agreement else {
            self = .awaiting
            return
        }
        self = KernelOffer(agreement.handshake).map { .asking($0, kept: agreement) } ?? .ended
    }

    /// The next state. An event that does not belong to this one changes nothing.
    func after(_ event: Event) -> Handshake {
        switch (self, event) {
        case (.awaiting, .received(let message)): message.map(Self.after(message:)) ?? .ended
        case (.refusing, .done): .awaiting
        case (.asking(let offer, let kept), .answered(let answer?, let timeouts)):
            Self.after(answer, offer.reply(completing: answer, timeouts), to: offer, kept)
        case (.asking, .answered(nil, _)): .failed
        case (.sending(_, let next), .sent(let isTaken)): isTaken ? next : .failed
        case (.attaching(let next), .done): next
        case (.registering(let agreement), .registered(let backing)): Self.after(agreement, naming: backing)
        default: self
        }
    }

    private static func after(message: [UInt8]) -> Handshake {
        if let offer = KernelOffer(message) { return .asking(offer, kept: nil) }
        return message.withUnsafeBytes { bytes in
            guard let message = KernelMessage(checking: bytes) else { return .ended }
            return message.isRequest ? .refusing(unique: message.header.unique) : .awaiting
        }
    }

    private static func after(_ agreement: Agreement, naming backing: BackingID?) -> Handshake {
        var agreement = agreement
        agreement.backing = backing
        return .agreed(agreement)
    }

    /// - Parameter reply: the answer, completed; nil where it is an error, which the kernel is told.
    private static func after(
        _ answer: [UInt8], _ reply: KernelOffer.Reply?, to offer: KernelOffer, _ kept: Agreement?
    ) -> Handshake {
        if let kept { return reply == nil ? .failed : .attaching(then: .agreed(kept)) }
        guard let reply else { return .sending(answer, then: .failed) }
        let agreement = Agreement(
            handshake: offer.message, reply: reply.body, requestTimeout: reply.requestTimeout)
        return .sending(
            reply.message, then: .attaching(then: reply.isPassthrough ? .registering(agreement) : .agreed(agreement)))
    }
}
