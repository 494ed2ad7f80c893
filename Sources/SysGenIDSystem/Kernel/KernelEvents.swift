internal import CSysGenID
internal import SystemPackage

/// The kernel's uevents. See netlink(7), NETLINK_KOBJECT_UEVENT.
public final class KernelEvents: Sendable {
    private let socket: OwnedDescriptor
    /// Readable when there are events.
    public let descriptor: CInt

    public init() throws(SystemCallFailure) {
        let socket = try describing("socket", "uevents") { () throws(Errno) in
            OwnedDescriptor(owning: try valueOrErrno { csysgenid_open_uevents() })
        }
        descriptor = socket.rawValue
        self.socket = socket
    }

    /// Takes the messages that have come, at most so many reads of them. What does not come from the kernel, or
    /// is longer than any of its messages, is left out.
    public func take(atMost limit: Int = 256) -> [[UInt8]] {
        var messages: [[UInt8]] = []
        // The kernel keeps the assignments within 2048 bytes (UEVENT_BUFFER_SIZE).
        var buffer = [UInt8](repeating: 0, count: 4_096)
        for _ in 0..<limit {
            let length = csysgenid_receive_uevent(socket.rawValue, &buffer, buffer.count)
            guard length >= 0 else { return messages }
            if length > 0 { messages.append(Array(buffer.prefix(length))) }
        }
        return messages
    }
}

/// Becomes readable when somebody sets the time of day, as it is done after a resume. See timerfd_create(2).
public final class ClockSetNotice: Sendable {
    private let timer: OwnedDescriptor
    /// Readable when the time has been set.
    public let descriptor: CInt

    public init() throws(SystemCallFailure) {
        let timer = try describing("timerfd_create", "clock") { () throws(Errno) in
            OwnedDescriptor(owning: try valueOrErrno { csysgenid_clock_set_notice() })
        }
        descriptor = timer.rawValue
        self.timer = timer
    }

    /// Whether the time has been set since this was last asked.
    public func take() -> Bool {
        do throws(Errno) {
            _ = try timer.read(upTo: 8)
            return false
        } catch .canceled {
            _ = csysgenid_rearm_clock_set_notice(timer.rawValue)
            return true
        } catch {
            return false
        }
    }
}
