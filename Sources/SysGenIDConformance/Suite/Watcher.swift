internal import CConformanceClients
internal import CSysGenID
internal import Glibc

/// A request of the interface, or one that it does not have. See ioctl(2).
struct Request: Hashable {
    var name: String
    var number: UInt

    static let setTracking = Request("SET_WATCHER_TRACKING", CSYSGENID_SET_WATCHER_TRACKING)
    static let wait = Request("WAIT_WATCHERS (v8)", CSYSGENID_WAIT_WATCHERS)
    static let trigger = Request("TRIGGER_GEN_UPDATE", CSYSGENID_TRIGGER_GEN_UPDATE)
    static let countOutdated = Request("GET_OUTDATED_WATCHERS", CSYSGENID_V4_GET_OUTDATED_WATCHERS)
    static let waitForAll = Request("WAIT_WATCHERS (v4)", CSYSGENID_V4_WAIT_WATCHERS)
    static let force = Request("FORCE_GEN_UPDATE", CSYSGENID_V4_FORCE_GEN_UPDATE)

    /// The requests of both versions that make a new generation.
    static let changes = [trigger, force]

    private init(_ name: String, _ request: csysgenid_request) {
        self.name = name
        number = UInt(request.rawValue)
    }
}

/// One open descriptor of the device. It is open until it is closed here or its row's process ends.
struct Watcher {
    let descriptor: CInt

    // MARK: Files

    func read(_ count: Int = 4) -> Answer { client_read(descriptor, count) }
    func read(_ count: Int = 4, at offset: Int) -> Answer { client_read_at(descriptor, count, offset) }
    func readRetrying() -> Answer { client_read_retrying(descriptor, 4) }

    func write(_ bytes: [UInt8]) -> Answer { client_write(descriptor, bytes, bytes.count) }
    func acknowledge(_ generation: UInt32) -> Answer {
        withUnsafeBytes(of: generation) { client_write(descriptor, $0.baseAddress, $0.count) }
    }
    func acknowledge(_ generation: UInt32, at offset: Int) -> Answer {
        withUnsafeBytes(of: generation) { client_write_at(descriptor, $0.baseAddress, $0.count, offset) }
    }

    func seek(to offset: Int) -> Answer { client_seek(descriptor, offset) }
    func status() -> Answer { client_status(descriptor) }
    func truncate(to length: Int) -> Answer { client_truncate(descriptor, length) }

    func setNonBlocking(_ isNonBlocking: Bool) throws {
        try expect(client_set_nonblocking(descriptor, isNonBlocking), equals: .done, "fcntl")
    }

    func duplicate() throws -> Watcher {
        Watcher(descriptor: try expectResult(client_duplicate(descriptor), "dup"))
    }

    func close() {
        _ = client_close(descriptor)
    }

    // MARK: Requests

    func request(_ request: Request, _ word: UInt = 0) -> Answer { client_ioctl(descriptor, request.number, word) }

    func track(_ isTracked: Bool = true) throws {
        try expect(request(.setTracking, isTracked ? 1 : 0), equals: .done, "SET_WATCHER_TRACKING")
    }

    // MARK: Events

    /// The events that are there, waiting so long for one.
    func events(within milliseconds: CInt = 0) -> Answer { client_poll(descriptor, milliseconds) }

    static let changed = Answer.result(Int(POLLIN | POLLRDNORM))
    static let noEvents = Answer.result(0)

    /// The watcher has to be outdated, or up to date, by what poll says.
    func expectOutdated(_ isOutdated: Bool, _ step: String? = nil) throws {
        try expect(events(), equals: isOutdated ? Self.changed : Self.noEvents, step ?? "poll")
    }

    // MARK: Clients

    /// Starts a client process that shares this open file description.
    func client(_ body: @escaping (Watcher) -> Answer) throws -> Client {
        try Client(keeping: [descriptor]) { body(self) }
    }

    /// Starts a client that handles SIGUSR1, without SA_RESTART.
    func interruptibleClient(_ body: @escaping (Watcher) -> Answer) throws -> Client {
        // Before the fork, which hands it on: a signal may come before the client has done anything.
        client_handle_signal()
        return try client(body)
    }
}
