import SysGenID
import SysGenIDSystem

/// Runs a program, and does what its `Supervision` says.
struct Supervisor: ~Copyable {
    private let watcher: GenerationWatcher
    private let command: [String]
    private let grace: UInt32
    private let signals: ReceivedSignals
    private var supervision: Supervision
    /// nil once its end was taken note of.
    private var child: ChildProcess?
    /// The time that the program has to end, or until the next look at it.
    private var pause: Pause?
    private var status: CInt?

    /// Starts the program.
    ///
    /// - Parameter grace: how long it is given to end, in milliseconds.
    static func start(
        _ command: [String], _ reaction: Supervision.Reaction, grace: UInt32, watcher: GenerationWatcher
    ) throws(CommandFailure) -> Supervisor {
        let signals = try Self.collectSignals()
        let child = try Self.start(command, signals)
        return Supervisor(watcher, command, Supervision(reaction), grace, signals, child)
    }

    private init(
        _ watcher: GenerationWatcher, _ command: [String], _ supervision: Supervision, _ grace: UInt32,
        _ signals: consuming ReceivedSignals, _ child: ChildProcess
    ) {
        self.watcher = watcher
        self.command = command
        self.supervision = supervision
        self.grace = grace
        self.signals = signals
        self.child = child
    }

    /// Waits for the end of the program.
    ///
    /// - Returns: the exit status that a shell would make of it.
    mutating func run() throws(CommandFailure) -> CInt {
        do {
            while true {
                try takeSignals()
                if let status { return status }
                if let change = try explaining({ () throws(DeviceFailure) in try watcher.nextChange() }) {
                    try perform(supervision.changed(to: change))
                    continue
                }
                if pause?.isOver == true {
                    pause = nil
                    try perform(supervision.timeIsOver())
                }
                let limit = pause?.remaining.map { CInt(clamping: $0) }
                _ = waitUntilReadable([signals.descriptor.rawValue, watcher.descriptor], milliseconds: limit)
            }
        } catch {
            endChild()
            throw error
        }
    }

    private mutating func takeSignals() throws(CommandFailure) {
        while let received = signals.take() {
            if received.signal != .childEnded {
                try perform(supervision.received(received))
            } else if let end = child?.takeEnd() {
                (child, pause) = (nil, nil)
                try perform(supervision.ended(end))
            }
        }
    }

    private mutating func perform(_ actions: [Supervision.Action]) throws(CommandFailure) {
        for action in actions {
            switch action {
            case .send(let signal): child?.send(signal)
            case .look(let signal):
                try perform(supervision.looked(child?.outcome(of: signal) ?? .isOver))
            case .lookAgain(let milliseconds): pause = Pause(milliseconds: milliseconds)
            case .tell(let signal, let outcome):
                Output.report(.untaken(signal, by: command[0], outcome))
            case .beginGrace: pause = Pause(milliseconds: grace)
            case .start: child = try Self.start(command, signals)
            case .acknowledge(let generation):
                try explaining { () throws(DeviceFailure) in _ = try watcher.acknowledge(generation) }
            case .finish(let status): self.status = status
            }
        }
    }

    /// Nobody would tell the program of changes any more.
    private func endChild() {
        guard let child else { return }
        child.send(.terminate)
        let pause = Pause(milliseconds: grace)
        while child.takeEnd() == nil {
            if pause.isOver { child.send(.kill) }
            let limit = pause.isOver ? nil : pause.remaining.map { CInt(clamping: $0) }
            _ = waitUntilReadable([signals.descriptor.rawValue], milliseconds: limit)
            while signals.take() != nil {}
        }
    }

    private static func collectSignals() throws(CommandFailure) -> ReceivedSignals {
        do throws(SystemCallFailure) {
            return try ReceivedSignals(Signal.requests + [.childEnded])
        } catch {
            throw CommandFailure(
                event: "cannot receive signals: \(error.errno)", advice: "see the limits of the process")
        }
    }

    private static func start(
        _ command: [String], _ signals: borrowing ReceivedSignals
    ) throws(CommandFailure) -> ChildProcess {
        do throws(SystemCallFailure) {
            return try ChildProcess(command, after: signals)
        } catch {
            throw CommandFailure(
                status: error.errno == .noSuchFileOrDirectory ? .programNotFound : .programNotStarted,
                event: "cannot start \(command[0]): \(error.errno)", advice: "see whether it is there and executable")
        }
    }
}
