/// What a session needs to continue over the connection of one that is gone.
public struct HandedSession: Sendable {
    /// What was agreed on with the kernel. All opens of a file name the same backing file, while any is open.
    public var agreement: Agreement
    /// The requests that may be without an answer, in the kernel's words, for a kernel that does not deliver them
    /// again (before 6.9).
    public var unanswered: [[UInt8]]
    /// What the kernel tells once and does not deliver again: it wants no answer.
    var untold: [[UInt8]] {
        unanswered.filter { bytes in
            bytes.withUnsafeBytes { KernelMessage(checking: $0).map { !$0.isRequest } ?? false }
        }
    }
    /// The kernel's number of a request, without the mark of one that is delivered again, over which daemons have ended:
    /// it is answered with EIO, and not served.
    public var condemned: UInt64?

    public init(
        continuing agreement: Agreement, unanswered: [[UInt8]], condemned: UInt64? = nil
    ) {
        self.agreement = agreement
        self.unanswered = unanswered
        self.condemned = condemned
    }
}
