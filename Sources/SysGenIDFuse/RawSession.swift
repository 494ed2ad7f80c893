internal import CFuse3
internal import Glibc
internal import SysGenIDSystem

/// A session of libfuse with the callbacks of this module: it is given messages, and writes its replies by itself.
///
/// It writes to a socket first, so that its reply to the handshake can be completed, or kept from the kernel; then to the
/// connection, under the same number. Every libfuse takes a descriptor that is open already (`/dev/fd/N`), while
/// `fuse_session_custom_io` came with 3.13, and is left out where Debian builds 3.18.
struct RawSession: ~Copyable {
    enum Kind {
        case file
        case directory
        /// The name below /dev.
        case device(named: String)
    }

    private let raw: OpaquePointer
    private let replies: MessageSocket

    /// - Parameter userData: what the callbacks are given.
    init(_ kind: Kind, _ userData: UnsafeMutableRawPointer?) throws(SessionFailure) {
        let socket = try Self.socket()
        guard let made = Self.make(kind, userData, writingTo: socket.farEnd) else {
            socket.closeFarEnd()
            throw .refusedByLibrary
        }
        raw = made
        replies = socket
    }

    private static func socket() throws(SessionFailure) -> MessageSocket {
        do throws(SystemCallFailure) {
            return try MessageSocket()
        } catch {
            throw .system(error)
        }
    }

    private static func make(
        _ kind: Kind, _ userData: UnsafeMutableRawPointer?, writingTo descriptor: CInt
    ) -> OpaquePointer? {
        let made =
            switch kind {
            case .file: ofFile(.servingFile, userData)
            case .directory: ofFile(.servingDirectory, userData)
            case .device(let name): ofDevice(named: name, userData)
            }
        guard let made else { return nil }
        guard fuse_session_mount(made, "/dev/fd/\(descriptor)") == 0 else {
            fuse_session_destroy(made)
            return nil
        }
        return made
    }

    deinit {
        // It closes the descriptor that it writes to.
        fuse_session_destroy(raw)
    }

    /// What libfuse answers to the kernel's part of the handshake, header included; nil where it does not. To be asked
    /// once, before anything else.
    func answer(to handshake: [UInt8]) -> [UInt8]? {
        // libfuse looks at fields that a short message has not.
        process(handshake + Array(repeating: 0, count: Self.longestHandshake), count: handshake.count)
        return replies.receive(upTo: Self.longestHandshake)
    }

    /// Lets libfuse write to the connection from now on.
    func attach(to connection: CInt) throws(SystemCallFailure) {
        try replies.replaceFarEnd(byFileOf: connection)
    }

    /// Whether libfuse has not given the session up.
    var isAlive: Bool { fuse_session_exited(raw) == 0 }

    /// Serves one message of the kernel.
    func process(_ message: UnsafeRawBufferPointer) {
        var buffer = fuse_buf()
        (buffer.mem, buffer.size) = (UnsafeMutableRawPointer(mutating: message.baseAddress), message.count)
        fuse_session_process_buf(raw, &buffer)
    }

    private func process(_ bytes: [UInt8], count: Int) {
        bytes.withUnsafeBytes { process(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
    }

    /// See `Session.storeInCache`.
    func storeInCache(_ bytes: [UInt8], at offset: Int, of node: UInt64) {
        bytes.withUnsafeBytes { bytes in
            var vector = fuse_bufvec()
            vector.count = 1
            vector.buf.size = bytes.count
            vector.buf.mem = UnsafeMutableRawPointer(mutating: bytes.baseAddress)
            fuse_lowlevel_notify_store(
                raw, fuse_ino_t(node), off_t(offset), &vector, fuse_buf_copy_flags(rawValue: 0))
        }
    }

    /// Longer than any part of a handshake.
    private static let longestHandshake = 512

    private static func ofFile(_ table: fuse_lowlevel_ops, _ userData: UnsafeMutableRawPointer?) -> OpaquePointer? {
        var table = table
        return withArguments { arguments in
            cfuse3_session_new(&arguments, &table, MemoryLayout<fuse_lowlevel_ops>.size, userData)
        }
    }

    private static func ofDevice(named name: String, _ userData: UnsafeMutableRawPointer?) -> OpaquePointer? {
        var table = cuse_lowlevel_ops.servingDevice
        return "DEVNAME=\(name)".withCString { definition in
            withUnsafePointer(to: Optional(definition)) { definitions in
                var information = cuse_info()
                information.dev_info_argc = 1
                information.dev_info_argv = UnsafeMutablePointer(mutating: definitions)
                return withArguments { arguments in
                    cuse_lowlevel_new(&arguments, &information, &table, userData)
                }
            }
        }
    }

    /// libfuse wants the arguments of a command line, of which it needs only the name.
    private static func withArguments(_ body: (inout fuse_args) -> OpaquePointer?) -> OpaquePointer? {
        "sysgenidd".withCString { name in
            var words: [UnsafeMutablePointer<CChar>?] = [UnsafeMutablePointer(mutating: name), nil]
            return words.withUnsafeMutableBufferPointer { words in
                var arguments = fuse_args(argc: 1, argv: words.baseAddress, allocated: 0)
                defer { fuse_opt_free_args(&arguments) }
                return body(&arguments)
            }
        }
    }
}
