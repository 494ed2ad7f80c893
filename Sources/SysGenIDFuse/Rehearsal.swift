internal import CFuse3
internal import CSysGenID
internal import Glibc

/// The reply that this daemon would give to a kernel's part of the handshake, found without a kernel: with it a
/// successor sees whether it can go on with what its predecessor has agreed on.
public enum Rehearsal {
    /// - Parameter handshake: the kernel's part, as it was received once.
    /// - Returns: the body of the reply; nil where there would be none.
    public static func reply(to handshake: [UInt8]) -> [UInt8]? {
        var scene = Scene()
        handshake.withUnsafeBytes { scene.handshake.received($0) }
        guard scene.handshake.isReceived else { return nil }
        return withUnsafeMutablePointer(to: &scene) { scene in
            let isOfFile = scene.pointee.handshake.isOfFile
            guard let raw = isOfFile ? RawSession.ofFile(scene) : RawSession.ofDevice(named: "rehearsal", scene)
            else { return nil }
            defer { fuse_session_destroy(raw) }
            var transport = fuse_custom_io()
            transport.read = { _, _, _, _ in -1 }
            transport.writev = { _, pieces, count, scene in
                scene!.assumingMemoryBound(to: Scene.self).pointee.take(pieces!, count)
            }
            // libfuse wants a descriptor, and closes it with the session.
            guard fuse_session_custom_io(raw, &transport, open("/dev/null", O_RDWR | O_CLOEXEC)) == 0 else {
                return nil
            }
            var message = handshake
            message.withUnsafeMutableBytes { bytes in
                var buffer = fuse_buf()
                (buffer.mem, buffer.size) = (bytes.baseAddress, bytes.count)
                fuse_session_process_buf(raw, &buffer)
            }
            return scene.pointee.reply
        }
    }

    private struct Scene {
        var handshake = Handshake()
        var reply: [UInt8]?

        mutating func take(_ pieces: UnsafePointer<iovec>, _ count: CInt) -> Int {
            if handshake.isAnswered(by: pieces, count) {
                _ = handshake.amendReply(pieces[1])
                reply = Handshake.bytes(of: pieces[1])
            }
            return (0..<Int(count)).reduce(0) { $0 + pieces[$1].iov_len }
        }
    }
}
