public import SysGenIDJSON
public import SysGenIDSystem

/// Calls methods of a service, over a connection of its own. It waits, and so is for programs that have nothing else to do.
public struct VarlinkClient: ~Copyable {
    private let connection: WaitingConnection
    private var incoming: IncomingBytes

    /// The greatest size of an answer, in bytes. Nobody is told more by one who may be hostile.
    private static let answerLimit = 1 << 20
    private static let bytesAtATime = 16 << 10

    /// Connects.
    ///
    /// - Parameter moment: until when, of the monotonic clock in nanoseconds; nil is as long as the kernel waits.
    public init(to address: VarlinkAddress, until moment: UInt64? = nil) throws(VarlinkFailure) {
        let connection = try WaitingConnection(to: address.socket, until: moment)
        if case .hybrid(_, let port) = address {
            try connection.send(HybridHandshake.request(port), until: moment)
            try HybridHandshake.check(try connection.takeLine(upTo: HybridHandshake.lineLimit, until: moment))
        }
        self.connection = connection
        incoming = IncomingBytes(limit: Self.answerLimit)
    }

    /// Calls a method, and waits for its first answer.
    ///
    /// - Parameters:
    ///   - method: with its interface's name.
    ///   - parameters: an object.
    ///   - wantsMore: whether more than one answer is taken; `nextAnswer` waits for the others.
    ///   - moment: until when, of the monotonic clock in nanoseconds; nil is for ever.
    public mutating func call(
        _ method: String, _ parameters: JSON, wantsMore: Bool = false, until moment: UInt64? = nil
    ) throws(VarlinkFailure) -> VarlinkAnswer {
        let call: JSON =
            wantsMore
            ? .object(["method": .string(method), "parameters": parameters, "more": .boolean(true)])
            : .object(["method": .string(method), "parameters": parameters])
        try connection.send(Array(call.text.utf8) + [0], until: moment)
        return try nextAnswer(until: moment)
    }

    /// Waits for the next answer.
    public mutating func nextAnswer(until moment: UInt64? = nil) throws(VarlinkFailure) -> VarlinkAnswer {
        while true {
            let message: [UInt8]?
            do {
                message = try incoming.next()
            } catch {
                throw .notUnderstood
            }
            if let message { return try VarlinkAnswer(message) }
            incoming.add(try connection.receive(upTo: Self.bytesAtATime, until: moment))
        }
    }
}

/// Where a service is.
public enum VarlinkAddress: Hashable, Sendable {
    case direct(SocketAddress)
    /// A port of a virtual machine whose monitor stands for it: at the path of a socket of unix(7), as Firecracker and
    /// Cloud Hypervisor have it.
    case hybrid(path: String, port: UInt32)

    var socket: SocketAddress {
        switch self {
        case .direct(let address): address
        case .hybrid(let path, _): .local(path: path)
        }
    }
}

/// Why a call has no answer.
public enum VarlinkFailure: Error, Hashable, Sendable {
    case system(SystemCallFailure)
    /// The moment has come before the answer.
    case tooLate
    /// The far end has closed the connection.
    case closed
    /// What came is no answer, or is larger than one may be.
    case notUnderstood
}
