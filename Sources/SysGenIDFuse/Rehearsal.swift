/// The reply that this daemon would give to a kernel's part of the handshake, found without a kernel: with it a
/// successor sees whether it can go on with what its predecessor has agreed on.
public enum Rehearsal {
    /// - Parameter handshake: the kernel's part, as it was received once.
    /// - Returns: the body of the reply; nil where there would be none.
    public static func reply(to handshake: [UInt8]) -> [UInt8]? {
        guard let offer = KernelOffer(handshake),
            let raw = try? RawSession(offer.isOfFile ? .file : .device(named: "rehearsal"), nil),
            let answer = raw.answer(to: offer.message)
        else { return nil }
        return offer.reply(completing: answer)?.body
    }
}
