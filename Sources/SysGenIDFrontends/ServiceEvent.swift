public import SysGenIDCore
public import SysGenIDSystem

/// What the service has to tell whoever runs it.
public enum ServiceEvent: Sendable {
    /// There is a new generation, and why.
    case changed(to: Generation, Cause)
    /// The device of a container has a new generation, alone, and why.
    case containerChanged(String, to: Generation, Cause)
    /// A process that may open the device of a container for writing has written into its page, which is right again.
    case containerPageOverwritten(String, seen: UInt32, generation: Generation)
    /// The counter started again at 1.
    case wrappedAround
    /// An identity was seen for the first time, or for the first time by this way.
    case identityAdopted
    /// A process that may open the device for writing has written into the counter page. Clients may have
    /// seen what it wrote for a moment; the page is right again.
    case pageOverwritten(seen: UInt32, generation: Generation)
    /// A program may not trigger a change.
    case triggerDenied(thread: Int32, userID: UInt32)
    /// A request over which several daemons in a row have ended was refused, so that this one does not.
    case requestDropped(opcode: UInt32, thread: Int32, userID: UInt32)
    /// The kernel ends the connection over a request that has no answer for so long; so those that wait end before.
    case requestsAreLimited(seconds: UInt32, longestWait: UInt32)
    /// The device has as many watchers, or parked requests, as it may have.
    case limitReached(Refusal)
    /// The record for a successor could not be written.
    case recordFailed(SystemCallFailure)
    /// It was written now.
    case recordWorksAgain
    /// Something of the daemon is left at the path of the device, though it ends.
    case leftBehind(SystemCallFailure)
    /// The device that is driven could not be triggered: those who have it open have not learned of a change. It is tried
    /// again.
    case triggerFailed(SystemCallFailure)
    /// It could be triggered again.
    case triggerWorksAgain

    public enum Cause: Hashable, Sendable {
        /// The system was resumed, and the backend of this name has noticed it; the kernel was reseeded before.
        case backend(String, Reseed)
        /// A program has asked for it.
        case trigger(thread: Int32, userID: UInt32)
        /// A program has triggered the device that is driven, which does not say who.
        case otherTrigger
    }
}

extension ServiceEvent.Cause: CustomStringConvertible {
    public var description: String {
        switch self {
        case .backend(let name, _): "the system was resumed, noticed by \(name)"
        case .trigger(let thread, let userID): "triggered by process \(thread) of user \(userID)"
        case .otherTrigger: "triggered by another program"
        }
    }
}

/// Keeps what a successor of the daemon needs.
public protocol Journal: Sendable {
    /// Makes the record durable. Called with the service's lock held, in the order of the changes.
    func write(_ record: Record) throws(SystemCallFailure)

    /// Keeps what was forged, as far as is known.
    func keep(_ forged: ForgedGenerations) throws(SystemCallFailure)
}
