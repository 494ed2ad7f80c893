import CSysGenID
import Glibc
import SysGenIDCore

@testable import StateModel
@testable import SysGenIDFrontends

/// One event: what happens to the daemon, and what it is to the model.
struct Move {
    enum Act {
        case message([UInt8])
        case identify(Identity)
        case remember(Identity)
        case passTime
        /// The daemon is killed in the midst of nothing, and another one continues.
        case takeOver
    }

    var act: Act
    /// What the model has to do; nil is nothing.
    var event: Event?
    /// The request that it is; nil where it is none.
    var request: Sent?

    static let takeOver = Move(act: .takeOver)
}

/// Makes moves of the events of the model, as a kernel would.
struct MoveSource {
    private var messages: MessageSource
    private let way: PlayedDaemon.Way
    /// Watchers whose reads come as questions for attributes.
    private(set) var cached: Set<WatcherID> = []

    /// A moment that no wait begins with.
    private static let later = Deadline(rawValue: 1_000)
    /// An hour: it does not end while the test runs.
    private static let timeout: UInt64 = 3_600_000
    /// What the kernel calls the polls of a watcher.
    private static let firstPollNumber: UInt64 = 1_000

    init(_ way: PlayedDaemon.Way) {
        self.way = way
        messages = MessageSource(ByteChoices([]), of: way.kind)
    }

    static func watcher(ofPoll number: UInt64) -> WatcherID { WatcherID(rawValue: number - firstPollNumber) }

    /// A file was opened.
    mutating func opened(_ watcher: WatcherID, isCached: Bool) {
        if isCached { cached.insert(watcher) }
    }

    /// nil where a kernel sends no such thing.
    ///
    /// - Parameter parked: the requests that may be interrupted, and by what the daemon knows them.
    mutating func move(for event: Event, parked: [UInt64]) -> Move? {
        switch event {
        case .open(let opener): open(opener)
        case .close(let id): request(messages.release(id), .release) { _ in event }
        case .read(let id, let count, let request, _): read(id, count, mayPark: request != nil)
        case .write(let id, let generation):
            request(messages.write(id, generation.map(Self.bytes) ?? [1, 2]), .write) { _ in event }
        case .poll(let id, let maySleep):
            request(
                messages.poll(id, number: id.rawValue + Self.firstPollNumber, maySleep: maySleep, for: 0x41), .poll
            ) { _ in event }
        case .track(let id, let isTracked):
            control(id, CSYSGENID_SET_WATCHER_TRACKING, isTracked ? 1 : 0) { _ in event }
        case .countOutdated: control(.init(rawValue: 0), CSYSGENID_V4_GET_OUTDATED_WATCHERS, 0) { _ in event }
        case .wait(let id, let scope, let deadline, _, _):
            control(
                id, scope == .tracked ? CSYSGENID_WAIT_WATCHERS : CSYSGENID_V4_WAIT_WATCHERS,
                deadline == nil ? 0 : Self.timeout
            ) { .wait(id, scope, deadline.map { _ in Self.later }, $0, limit: nil) }
        case .trigger(let minimum, let isPermitted):
            control(
                .init(rawValue: 0), CSYSGENID_TRIGGER_GEN_UPDATE, UInt64(minimum), thread: isPermitted ? getpid() : 0
            ) { _ in event }
        case .identify(let identity): Move(act: .identify(identity), event: event)
        case .remember(let identity): Move(act: .remember(identity), event: event)
        case .interrupt(let choice): interrupt(parked, choice)
        case .passTime: Move(act: .passTime, event: .passTime(now: Deadline(rawValue: .max)))
        case .forge, .shutDown: nil
        }
    }

    private mutating func open(_ opener: Opener) -> Move {
        let isCached = way == .pageCache && opener.group == nil
        // Whoever opens it here is root.
        let event = Event.open(Opener(thread: 1, userID: 0, account: .privileged))
        return request(messages.open(isCached ? O_RDONLY : O_RDWR), .open(isCached: isCached)) { _ in event }
    }

    private mutating func read(_ id: WatcherID, _ count: Int, mayPark: Bool) -> Move {
        guard !cached.contains(id) else {
            return request(messages.attributes(through: id), .attributes) {
                .read(id, count: 4, request: $0, limit: nil)
            }
        }
        let flags = UInt32(O_RDWR | (mayPark ? 0 : O_NONBLOCK))
        return request(messages.read(id, count: UInt32(count), flags: flags), .read) {
            .read(id, count: count, request: mayPark ? $0 : nil, limit: nil)
        }
    }

    private mutating func control(
        _ id: WatcherID, _ number: csysgenid_request, _ word: UInt64, thread: Int32 = 0,
        _ event: (RequestID) -> Event
    ) -> Move {
        request(messages.control(id, request: number.rawValue, word: word, thread: thread), .control, event)
    }

    private func request(_ message: [UInt8], _ form: Sent.Form, _ event: (RequestID) -> Event) -> Move {
        let request = Sent(message: message, form: form)
        return Move(act: .message(message), event: event(RequestID(rawValue: request.number)), request: request)
    }

    private func interrupt(_ parked: [UInt64], _ choice: RequestID) -> Move? {
        guard !parked.isEmpty else { return nil }
        let target = parked[Int(choice.rawValue % UInt64(parked.count))]
        return Move(
            act: .message(MessageSource.interrupt(of: target)),
            event: .interrupt(RequestID(rawValue: target & ~Sent.resentMark)))
    }

    private static func bytes(_ generation: Generation) -> [UInt8] {
        withUnsafeBytes(of: generation.rawValue, Array.init)
    }
}
