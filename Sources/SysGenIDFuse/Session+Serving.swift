internal import Glibc
internal import Synchronization
internal import SysGenIDSystem

// What the thread of a session does.

extension Session {
    /// Serves requests until the connection or the session ends.
    func serveRequests() {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.longestMessage, alignment: 8)
        defer { buffer.deallocate() }
        do throws(SessionFailure) {
            guard let agreement = try shakeHands(buffer) else { return }
            context.connected(by: agreement)
            context.lookWhetherCaughtUp()
            while let message = try receive(into: buffer) {
                raw.process(message)
                context.served()
                context.lookWhetherCaughtUp()
            }
        } catch {
            failed.withLock { $0 = error }
        }
    }

    private func receive(
        into buffer: UnsafeMutableRawBufferPointer
    ) throws(SessionFailure) -> UnsafeRawBufferPointer? {
        try SessionFailure.wrapping { () throws(SystemCallFailure) in
            try context.receive(into: buffer, while: { goesOn })
        }
    }

    private var goesOn: Bool { !isStopping.load(ordering: .acquiring) && raw.isAlive }

    /// Agrees with the kernel on what the connection can do, as its predecessor has or anew; nil where the session is over.
    private func shakeHands(_ buffer: UnsafeMutableRawBufferPointer) throws(SessionFailure) -> Agreement? {
        var handshake = Handshake(continuing: context.predecessor?.agreement)
        while true {
            let event: Handshake.Event
            switch handshake {
            case .awaiting: event = .received(try receiveAny(into: buffer))
            case .refusing(let unique):
                Notification.answer(unique, errno: EIO, over: connection)
                event = .done
            case .asking(let offer, _): event = .answered(raw.answer(to: offer.message), .current())
            case .sending(let reply, _): event = .sent(reply.withUnsafeBytes { Connection.send($0, to: connection) })
            case .attaching:
                try SessionFailure.wrapping { () throws(SystemCallFailure) in try raw.attach(to: connection) }
                event = .done
            case .registering:
                event = .registered(backingFile.flatMap { Connection.registerBacking(file: $0, at: connection) })
            case .agreed(let agreement): return agreement
            case .ended: return nil
            case .failed: throw .noAgreement
            }
            handshake = handshake.after(event)
        }
    }

    private func receiveAny(into buffer: UnsafeMutableRawBufferPointer) throws(SessionFailure) -> [UInt8]? {
        try SessionFailure.wrapping { () throws(SystemCallFailure) in
            try Connection.receive(from: connection, into: buffer, while: { goesOn }).map { Array(buffer[..<$0]) }
        }
    }

    /// What a control request or an extended attribute can carry, and more than the kernel wants there to be room for
    /// (FUSE_MIN_READ_BUFFER, and max_write with a header).
    static let longestMessage = 128 << 10
}
