/// Who uses the device. The reader blocks in read; the poller sleeps in poll; both acknowledge what they are told. The third
/// triggers a change, once.
enum ClientName: UInt8, CaseIterable, Sendable {
    case reader, poller, trigger
}

/// What a client calls, as the kernel asks it of the daemon.
enum Call: Hashable {
    case open, read, poll, trigger, release
    case write(UInt8)
}

/// A call under the number by which the kernel knows it.
struct Request: Hashable {
    var client: ClientName
    var call: Call
    var number: UInt8
}

enum Answer: Hashable {
    /// The watcher of an open, which is up to date at a generation.
    case watcher(UInt8, at: UInt8)
    /// What a read gives.
    case generation(UInt8)
    /// Whether a poll finds something.
    case readable(Bool)
    case done
    case wouldBlock, notCurrent, interrupted, noSuchWatcher
}

/// One client.
struct Client: Hashable {
    enum State: Hashable {
        /// It is about to call.
        case calling(Call)
        /// It waits for the answer.
        case waiting(Request)
        /// Its poll sleeps.
        case asleep
        case ended
    }

    let name: ClientName
    var state: State
    var callCount: UInt8 = 0
    /// What its open file is known as.
    var watcher: UInt8?
    var acknowledged: UInt8 = 0
    /// Its poll was told while it was not asleep yet.
    var isWoken = false

    init(_ name: ClientName) {
        self.name = name
        state = .calling(name == .trigger ? .trigger : .open)
    }

    /// What it goes on with after an answer.
    ///
    /// - Parameters:
    ///   - asked: how many changes there is reason for.
    ///   - page: what a mapping shows at that moment.
    /// - Returns: what it complains of; nil where all is well.
    mutating func take(_ answer: Answer, to call: Call, asked: UInt8, page: UInt8) -> String? {
        switch (call, answer) {
        case (.open, .watcher(let number, let generation)):
            (watcher, acknowledged) = (number, generation)
            state = .calling(name == .reader ? .read : .poll)
        case (.read, .generation(let generation)):
            state = .calling(.write(generation))
            if generation <= acknowledged { return "the \(name) was told of \(generation) again: not acknowledged" }
            if generation > page { return "the \(name) was told of \(generation), and the page shows \(page)" }
        case (.read, .interrupted): state = .calling(.release)
        case (.read, .wouldBlock): state = .calling(.poll)
        case (.write(let generation), .done):
            acknowledged = generation
            state = .calling(name == .reader ? .read : .poll)
        case (.write(let generation), .notCurrent):
            state = .calling(.read)
            if generation >= asked { return "the \(name)'s acknowledgement of \(generation) was refused" }
        case (.poll, .readable(let isReadable)):
            state = isReadable ? .calling(.read) : isWoken ? .calling(.poll) : .asleep
            isWoken = false
        case (.trigger, .done), (.release, .done): state = .ended
        default:
            state = .ended
            return "the \(name)'s \(call) was answered with \(answer)"
        }
        return nil
    }

    /// Its poll is told.
    mutating func wake() {
        switch state {
        case .asleep: state = .calling(.poll)
        case .waiting(let request) where request.call == .poll: isWoken = true
        default: break
        }
    }
}
