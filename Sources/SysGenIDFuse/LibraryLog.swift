internal import CFuse3
internal import SysGenIDSystem

/// What libfuse says by itself. It would write that to standard error, without a limit and waiting for whoever reads it.
public enum LibraryLog {
    /// Tells messages apart that say the same of something else. There are as many as libfuse has texts.
    public struct Kind: Hashable, Sendable {
        fileprivate let format: UInt
    }

    public struct Message: Sendable {
        public let kind: Kind
        /// Whether something has failed.
        public let isFailure: Bool
        /// One line, without its end.
        public let text: String
    }

    private static let sink = Lock<(@Sendable (Message) -> Void)?>(nil)

    /// Hands what libfuse says to the sink from now on, from any thread. See fuse_set_log_func in fuse_log.h.
    public static func redirect(to sink: @escaping @Sendable (Message) -> Void) {
        Self.sink.withLock { $0 = sink }
        cfuse3_redirect_log { level, format, text in
            guard let format, let text, let sink = LibraryLog.sink.withLock(\.self) else { return }
            sink(Message(level, format, text))
        }
    }
}

extension LibraryLog.Message {
    fileprivate init(_ level: fuse_log_level, _ format: UnsafePointer<CChar>, _ text: UnsafePointer<CChar>) {
        kind = LibraryLog.Kind(format: UInt(bitPattern: format))
        isFailure = level.rawValue <= FUSE_LOG_WARNING.rawValue
        self.text = String(cString: text).split(whereSeparator: \.isNewline).joined(separator: " ")
    }
}
