import SysGenID
import SysGenIDSystem

/// What `run` does about its program, whatever happens: a state machine that starts and signals nothing itself.
struct Supervision: Sendable {
    /// What a change means to the program.
    enum Reaction: Hashable, Sendable {
        case send(Signal)
        /// SIGTERM, SIGKILL where it has not ended in time, and another one of the same.
        case restart
    }

    enum Action: Hashable, Sendable {
        case send(Signal)
        /// Ask again after the time that the program is given to end.
        case beginGrace
        case start
        case acknowledge(Generation)
        /// End with this status.
        case finish(CInt)
    }

    private enum State {
        case running
        /// It has been told to end for the change to this generation.
        case ending(Generation)
    }

    private let reaction: Reaction
    private var state = State.running
    /// Somebody wants it to end, and not to be started again.
    private var isToEnd = false

    init(_ reaction: Reaction) {
        self.reaction = reaction
    }

    /// The generation has changed.
    mutating func changed(to generation: Generation) -> [Action] {
        switch (reaction, state) {
        case (.send(let signal), _): return [.send(signal), .acknowledge(generation)]
        case (.restart, .running):
            state = .ending(generation)
            return [.send(.terminate), .beginGrace]
        case (.restart, .ending):
            // What is started will have seen nothing of the generations before.
            state = .ending(generation)
            return []
        }
    }

    /// A signal came that is meant for the program.
    mutating func received(_ received: ReceivedSignals.Received) -> [Action] {
        switch (received.signal, state) {
        case (.terminate, _), (.interrupt, .ending), (.quit, .ending): isToEnd = true
        default: break
        }
        return received.isOfKernel ? [] : [.send(received.signal)]
    }

    /// The time is over that the program was given to end.
    func graceIsOver() -> [Action] {
        guard case .ending = state else { return [] }
        return [.send(.kill)]
    }

    /// The program has ended.
    mutating func ended(_ end: ChildProcess.End) -> [Action] {
        guard case .ending(let generation) = state, !isToEnd else { return [.finish(end.status)] }
        state = .running
        return [.start, .acknowledge(generation)]
    }
}
