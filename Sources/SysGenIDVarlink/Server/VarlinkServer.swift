public import SysGenIDSystem

/// Takes calls of all connections, and sends the answers. It has no thread, and never waits. See https://varlink.org.
///
/// Of the limits of what others can take here, see `VarlinkLimits`; besides each has one call in hand at a time, and the
/// next is read when he has taken its answer.
public struct VarlinkServer: ~Copyable {
    public enum Event: Sendable {
        case called(CallID, VarlinkCall)
        /// Whoever has made the call takes no answer any more.
        case left(CallID)
    }

    private let service: ServiceInterface
    private let places: Places
    private let watched: InterestSet
    /// Raised where there is something to take that no connection shows.
    private let wake: EventSignal
    private var entrance: Entrance

    private var connections: [UInt64: ServerConnection] = [:]
    private var nextKey: UInt64
    private var uses: UInt64 = 0
    private var due: Set<UInt64> = []
    private var events: [Event] = []

    private static let wakeKey: UInt64 = 0
    private static let entranceKey: UInt64 = 1
    /// So much of what is to do is done at a time, for each who has something to do.
    private static let turnsAtATime = 16
    private static let readyAtATime = 64
    private static let bytesAtATime = 16 << 10

    /// - Parameters:
    ///   - sockets: that listen.
    ///   - hostContext: the one context of vsock(7) that is served.
    public init(
        _ interfaces: [VarlinkInterface], of information: ServiceInformation, at sockets: [ListeningSocket],
        limits: VarlinkLimits = VarlinkLimits(), hostContext: UInt32 = SocketAddress.hostContext
    ) throws(SystemCallFailure) {
        let watched = try InterestSet()
        let wake = try EventSignal()
        try watched.add(wake.descriptor.rawValue, as: Self.wakeKey, for: .input)
        let entrance = try Entrance(sockets, as: Self.entranceKey, in: watched)
        nextKey = entrance.endKey
        self.entrance = entrance
        self.watched = watched
        self.wake = wake
        service = ServiceInterface(information: information, interfaces: interfaces)
        places = Places(limits: limits, hostContext: hostContext)
    }

    /// Readable while there is something to take. See epoll(7).
    public var descriptor: CInt { watched.descriptor.rawValue }

    /// How many are connected.
    public var connectionCount: Int { connections.count }

    /// Takes what came, and sends what there is room for again.
    public mutating func take() -> [Event] {
        wake.clear()
        let known = due
        due = []
        for (key, interest) in watched.ready(upTo: Self.readyAtATime) {
            switch key {
            case Self.wakeKey: break
            case Self.entranceKey: entrance.takeAgain(in: watched)
            case ..<entrance.endKey: takeConnections(of: entrance.socket(of: key))
            default: serve(key, readyFor: interest)
            }
        }
        for key in known { proceed(key) }
        defer { events = [] }
        return events
    }

    /// Why a connection could not be taken, to be told once; the next is tried ten times a second.
    public mutating func takeFailure() -> SystemCallFailure? {
        entrance.takeFailure()
    }

    /// Answers a call, where its caller is still there. One who does not read gets, of several answers, the newest.
    ///
    /// - Parameter isLast: whether no other follows; to one who takes one answer alone, none does.
    public mutating func answer(_ call: CallID, with reply: VarlinkReply, isLast: Bool = true) {
        guard connections[call.connection]?.conversation.current?.number == call.number else { return }
        connections[call.connection]?.conversation.answer(reply, isLast: isLast)
        if sendIfPossible(call.connection), connections[call.connection]?.conversation.hasTurn == true {
            due.insert(call.connection)
        }
        update(call.connection)
        if !due.isEmpty || !events.isEmpty { wake.raise() }
    }

    // MARK: A connection

    private mutating func serve(_ key: UInt64, readyFor interest: InterestSet.Interest) {
        guard let connection = connections[key] else { return }
        if connection.conversation.wantsInput {
            guard !interest.isDisjoint(with: [.input, .endOfInput, .gone]) else { return }
            guard receive(key) else { return drop(key) }
        } else if !interest.isDisjoint(with: [.endOfInput, .gone]) {
            // On vsock, whoever is gone cannot be told from one who only sends nothing more.
            return drop(key)
        }
        proceed(key)
    }

    /// - Returns: false where the connection is broken.
    private mutating func receive(_ key: UInt64) -> Bool {
        do {
            guard let bytes = try connections[key]?.socket.receive(upTo: Self.bytesAtATime) else { return true }
            if bytes.isEmpty {
                connections[key]?.conversation.end()
            } else {
                connections[key]?.conversation.received(bytes)
            }
            use(key)
            return true
        } catch {
            return false
        }
    }

    /// Does what can be done: sends, and takes calls.
    private mutating func proceed(_ key: UInt64) {
        for _ in 0..<Self.turnsAtATime {
            guard sendIfPossible(key), let peer = connections[key]?.peer else { return }
            let turn: Conversation.Turn?
            do {
                turn = try connections[key]?.conversation.next()
            } catch {
                return drop(key)
            }
            switch turn {
            case .call(let message):
                if let reply = service.answer(message) {
                    connections[key]?.conversation.answer(reply, isLast: true)
                } else if let number = connections[key]?.conversation.current?.number {
                    events.append(.called(CallID(connection: key, number: number), VarlinkCall(message, from: peer)))
                }
            case .over: return drop(key)
            case .wait, nil: return update(key)
            }
        }
        // The others first.
        due.insert(key)
        wake.raise()
        update(key)
    }

    /// Sends what there is room for.
    ///
    /// - Returns: false where the connection is no more.
    private mutating func sendIfPossible(_ key: UInt64) -> Bool {
        while let connection = connections[key], !connection.conversation.outgoing.isEmpty {
            do {
                let count = try connection.socket.send(connection.conversation.outgoing.next)
                guard count > 0 else { return true }
                connections[key]?.conversation.sent(count)
                use(key)
            } catch {
                drop(key)
                return false
            }
        }
        return connections[key] != nil
    }

    private mutating func use(_ key: UInt64) {
        uses += 1
        connections[key]?.lastUse = uses
    }

    /// Watches the connection for what it needs now.
    private mutating func update(_ key: UInt64) {
        guard let connection = connections[key] else { return }
        let interest = connection.wantedInterest
        guard interest != connection.interest else { return }
        do {
            try watched.change(connection.socket.descriptor.rawValue, as: key, for: interest)
            connections[key]?.interest = interest
        } catch {
            drop(key)
        }
    }

    private mutating func drop(_ key: UInt64) {
        guard let connection = connections.removeValue(forKey: key) else { return }
        watched.remove(connection.socket.descriptor.rawValue)
        due.remove(key)
        guard let number = connection.conversation.current?.number else { return }
        events.append(.left(CallID(connection: key, number: number)))
    }

    // MARK: Connections

    private mutating func takeConnections(of socket: ListeningSocket) {
        for _ in 0..<Self.turnsAtATime {
            do throws(SystemCallFailure) {
                guard let (connection, peer) = try socket.accept() else { return }
                try take(connection, of: peer)
                entrance.wasPassed()
            } catch {
                return entrance.waitForRoom(because: error, in: watched)
            }
        }
    }

    private mutating func take(_ socket: StreamSocket, of peer: Peer) throws(SystemCallFailure) {
        switch places.decide(on: peer, among: connections.map { $1.holder(as: $0) }) {
        case .free: break
        case .insteadOf(let key): drop(key)
        case .refused: return
        }
        let key = nextKey
        nextKey += 1
        try watched.add(socket.descriptor.rawValue, as: key, for: .input)
        connections[key] = ServerConnection(
            socket: socket, peer: peer, conversation: Conversation(messageLimit: places.limits.messageSize),
            interest: .input, lastUse: uses)
        use(key)
    }
}
