import StateModel
import SysGenIDCore
import SysGenIDFuse

@testable import SysGenIDFrontends

/// A request that the kernel has sent.
struct Sent {
    /// What its answer is like.
    enum Form: Equatable {
        case open(isCached: Bool)
        case read, attributes, write, poll, control, release
    }

    var message: [UInt8]
    var form: Form

    /// FUSE_UNIQUE_RESEND.
    static let resentMark: UInt64 = 1 << 63

    /// The kernel's number, with the mark where it was delivered again.
    var unique: UInt64 { Self.unique(of: message) }
    /// Without the mark.
    var number: UInt64 { unique & ~Self.resentMark }

    static func unique(of message: [UInt8]) -> UInt64 {
        message.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self) }
    }

    /// The message as it is delivered again. An interrupt names its request by the new number, too.
    static func again(_ message: [UInt8]) -> [UInt8] {
        var message = message
        message[15] |= 0x80
        if unique(of: message) & 1 == 1 { message[47] |= 0x80 }
        return message
    }
}

/// What the kernel is told of a request.
enum Told: Hashable {
    case error(CInt)
    case generation(UInt32)
    case taken(UInt32)
    case result(Int32)
    case events(UInt32)
    case opened(WatcherID)
    /// A read from the cache may go on.
    case attributes
    case closed
    case unreadable

    init(_ reply: KernelReply, as form: Sent.Form) {
        guard reply.error == 0 else {
            self = .error(-reply.error)
            return
        }
        let told: Told? =
            switch form {
            case .open: reply.word(UInt64.self).map { .opened(WatcherID(rawValue: $0)) }
            case .read: reply.word(UInt32.self).map { .generation($0) }
            case .attributes: .attributes
            case .write: reply.word(UInt32.self).map { .taken($0) }
            case .poll: reply.word(UInt32.self).map { .events($0) }
            case .control: reply.word(Int32.self).map { .result($0) }
            case .release: .closed
            }
        self = told ?? .unreadable
    }

    /// What has to be told by the model; nil where nothing is yet.
    init?(_ answer: Answer, as form: Sent.Form) {
        switch (answer, form) {
        // The kernel has closed the file, whatever the daemon knows of it.
        case (_, .release): self = .closed
        case (.refused(let refusal), _): self = .error(refusal.errno)
        case (.generation, .attributes): self = .attributes
        case (.generation(let generation), _): self = .generation(generation.rawValue)
        case (.done, .write): self = .taken(4)
        case (.done, _): self = .result(0)
        case (.count(let count), _): self = .result(Int32(count))
        case (.parked, _): return nil
        }
    }
}
