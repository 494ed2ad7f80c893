import StateModel
import SysGenIDCore
import TestSupport

@testable import StateModel
@testable import SysGenIDFrontends

/// A daemon that lives through a sequence of events, and is killed after each store and each message: at every one of
/// these moments another daemon continues with what there is.
struct KilledRun {
    private let way: PlayedDaemon.Way
    private var run: PlayedRun
    private var remains: Remains
    private var daemon: PlayedDaemon?
    /// How often a daemon has continued.
    private(set) var points = 0
    /// What was wrong.
    private(set) var complaints: [String] = []
    /// The watcher that was opened last.
    private(set) var opened: WatcherID?

    init(_ way: PlayedDaemon.Way, at record: Record) throws {
        self.way = way
        run = PlayedRun(way, at: record)
        remains = try Remains(of: way, at: record)
    }

    var current: Generation { Generation(rawValue: run.model.counter) }

    func end() { daemon?.end() }

    mutating func perform(_ event: Event) throws {
        guard let move = run.move(for: event) else { return }
        try perform(move)
    }

    /// The daemon is killed where it waits, and is killed again at each moment while it continues.
    mutating func takeOver() throws { try perform(.takeOver) }

    private mutating func perform(_ move: Move) throws {
        let (before, base) = (run, remains)
        let deeds = try deeds(of: move)
        var replies: [KernelReply] = []
        kill(at: move, before, base, replies)
        for deed in deeds {
            switch deed {
            case .stored(let file, let offset, let bytes): remains.store(bytes, at: offset, in: file)
            case .told(let reply): replies.append(reply)
            }
            kill(at: move, before, base, replies)
        }
        guard let daemon else { return }
        let files = run.model.files.map(\.id)
        if let complaint = run.account(for: move, replies, of: daemon) { note("\(move.words): \(complaint)") }
        if let new = run.model.files.last?.id, !files.contains(new) { opened = new }
    }

    private mutating func deeds(of move: Move) throws -> [Deed] {
        run.send(move.request)
        if case .takeOver = move.act {
            daemon?.end()
            run.sendAgain()
            let messages = run.sent.map(\.message)
            daemon = try PlayedDaemon(continuing: remains, by: way, isWatched: true) { _ in messages }
        } else {
            try daemon?.perform(move.act)
        }
        return try daemon?.takeDeeds() ?? []
    }

    private mutating func kill(at move: Move, _ run: PlayedRun, _ base: Remains, _ replies: [KernelReply]) {
        // One fault shows at many points.
        for kernel in Continuation.Kernel.allCases where complaints.count < 5 {
            let continuation = Continuation(
                kernel: kernel, way: way, move: move, run: run, base: base, remains: remains, replies: replies)
            points += 1
            if let complaint = continuation.complaint() {
                note("\(move.words), a \(kernel) kernel, \(replies.count) replies: \(complaint)")
            }
        }
    }

    private mutating func note(_ complaint: String) { complaints.append("point \(points): \(complaint)") }
}

extension Move {
    fileprivate var words: String { event.map { "\($0)" } ?? "a takeover" }
}
