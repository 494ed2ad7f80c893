internal import CSysGenID
internal import Glibc
public import SystemPackage

/// Who is at the far end of a connection, as the kernel tells it.
public enum Peer: Hashable, Sendable {
    /// A process of this system, as it was when it connected, in numbers of the user and pid namespaces of this process.
    /// See unix(7), SO_PEERCRED.
    case process(uid: UInt32, gid: UInt32, pid: Int32)
    /// A program of another machine: 2 is the host, 1 this system itself. See vsock(7).
    case host(cid: UInt32)
}

/// An end of a connection. Nothing that it does waits, but to connect.
public final class StreamSocket: Sendable {
    public let descriptor: OwnedDescriptor

    init(_ descriptor: consuming OwnedDescriptor) {
        self.descriptor = descriptor
    }

    /// Connects. See connect(2).
    ///
    /// - Parameter moment: until when, of the monotonic clock in nanoseconds; nil is as long as the kernel waits.
    /// - Throws: `.wouldBlock` or `.timedOut` where the moment has come.
    public convenience init(
        connectingTo address: SocketAddress, until moment: UInt64?
    ) throws(SystemCallFailure) {
        let descriptor = try describing("socket", "\(address)") { () throws(Errno) in
            OwnedDescriptor(
                owning: try valueOrErrno {
                    socket(address.family, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
                })
        }
        try describing("connect", "\(address)") { () throws(Errno) in
            if let moment {
                // A time of 0 would be no limit.
                let rest = max(1, PollSet.milliseconds(from: MonotonicClock.now(), until: moment))
                try Self.limitConnecting(descriptor, to: address, UInt64(rest))
            }
            try address.withRaw { raw, length throws(Errno) in
                try nothingOrErrno { connect(descriptor.rawValue, raw, length) }
            }
            try descriptor.neverWait()
        }
        self.init(descriptor)
    }

    private static func limitConnecting(
        _ descriptor: borrowing OwnedDescriptor, to address: SocketAddress, _ milliseconds: UInt64
    ) throws(Errno) {
        let number = descriptor.rawValue
        guard case .local = address else {
            return try nothingOrErrno { csysgenid_vsock_connect_within(number, milliseconds) }
        }
        var time = timeval(tv_sec: Int(milliseconds / 1_000), tv_usec: Int(milliseconds % 1_000) * 1_000)
        let size = socklen_t(MemoryLayout<timeval>.size)
        try nothingOrErrno { setsockopt(number, SOL_SOCKET, SO_SNDTIMEO, &time, size) }
    }

    /// What has come, at most so many bytes; nil where nothing has, and none at the end. See recv(2).
    public func receive(upTo count: Int) throws(Errno) -> [UInt8]? {
        var failure: Errno?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            do throws(Errno) {
                initialized = try valueOrErrno {
                    recv(descriptor.rawValue, buffer.baseAddress, count, CInt(MSG_DONTWAIT))
                }
            } catch {
                failure = error
            }
        }
        guard let failure else { return bytes }
        if failure == .wouldBlock { return nil }
        throw failure
    }

    /// Sends as much as there is room for, and no signal where nobody receives it any more. See send(2).
    ///
    /// - Returns: how many bytes were taken; 0 where there is no room.
    public func send(_ bytes: ArraySlice<UInt8>) throws(Errno) -> Int {
        do throws(Errno) {
            return try valueOrErrno {
                bytes.withUnsafeBytes { bytes in
                    Glibc.send(
                        descriptor.rawValue, bytes.baseAddress, bytes.count,
                        CInt(MSG_DONTWAIT | MSG_NOSIGNAL))
                }
            }
        } catch .wouldBlock {
            return 0
        }
    }

    /// Says that nothing more will be sent. See shutdown(2).
    public func endSending() throws(Errno) {
        try nothingOrErrno { shutdown(descriptor.rawValue, CInt(SHUT_WR)) }
    }

    /// Waits until something has come, or the far end is gone. See poll(2).
    ///
    /// - Parameter moment: of the monotonic clock, in nanoseconds; nil is never.
    /// - Returns: false when the moment has come.
    public func awaitBytes(until moment: UInt64?) -> Bool { awaitEvent(POLLIN, until: moment) }

    /// Waits until there is room to send, or the far end is gone. See poll(2).
    ///
    /// - Parameter moment: of the monotonic clock, in nanoseconds; nil is never.
    /// - Returns: false when the moment has come.
    public func awaitRoom(until moment: UInt64?) -> Bool { awaitEvent(POLLOUT, until: moment) }

    private func awaitEvent(_ event: CInt, until moment: UInt64?) -> Bool {
        while true {
            var entry = pollfd(fd: descriptor.rawValue, events: Int16(event), revents: 0)
            let now = MonotonicClock.now()
            let wait = moment.map { PollSet.milliseconds(from: now, until: $0) } ?? -1
            if poll(&entry, 1, wait) > 0 { return true }
            if let moment, MonotonicClock.now() >= moment { return false }
        }
    }
}

extension OwnedDescriptor {
    /// From now on no call waits. See fcntl(2), O_NONBLOCK.
    func neverWait() throws(Errno) {
        let flags = try valueOrErrno { fcntl(rawValue, F_GETFL) }
        try nothingOrErrno { fcntl(rawValue, F_SETFL, flags | O_NONBLOCK) }
    }
}
