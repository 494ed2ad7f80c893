import SysGenIDCore
import SysGenIDFuse

/// In which form a request wants its answer.
enum ReplyForm: Hashable, Sendable {
    /// A read: the generation's bytes.
    case read
    /// A write: the number of bytes taken.
    case write
    /// An ioctl: its result.
    case control
    /// The attributes that the kernel asks for before it serves a read from its cache: a read is let through
    /// with them, or ends with the error.
    case permissionToRead(FileAttributes)
}

/// A request that has no answer yet, and in which form it wants it.
struct PendingReply: Hashable, Sendable {
    var request: ParkedRequest
    var form: ReplyForm
    /// Where it is kept for a successor; nil where it is not.
    var slot: Int?
}

extension Request {
    /// Answers the request; an answer that does not fit the form cannot be.
    consuming func reply(_ answer: Answer, as form: ReplyForm) {
        switch (answer, form) {
        case (.refused(let refusal), _): reply(errno: refusal.errno)
        case (.generation(let generation), .read): reply(word: generation.rawValue)
        case (.generation, .permissionToRead(let attributes)): reply(attributes: attributes, validity: 0)
        case (.done, .write): reply(written: MemoryLayout<UInt32>.size)
        case (.done, .control): reply(controlResult: 0)
        case (.count(let count), .control): reply(controlResult: CInt(clamping: count))
        default: preconditionFailure("\(answer) answers no request of the form \(form)")
        }
    }
}
