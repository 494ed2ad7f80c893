import SysGenID
import SysGenIDSystem

/// What `run` does about its program, whatever happens: a state machine that starts and signals nothing itself.
struct Supervision: Sendable {
    /// What a change means to the program.
    enum Reaction: Hashable, Sendable {
        /// The signal, as soon as the program can take it.
        case send(Signal)
        /// The signal, whatever it does to the program.
        case force(Signal)
        /// SIGTERM, SIGKILL where it has not ended in time, and another one of the same.
        case restart
    }

    enum Action: Hashable, Sendable {
        case send(Signal)
        /// See what the signal would do to the program, and say so.
        case look(Signal)
        /// Ask again after this time.
        case lookAgain(milliseconds: UInt32)
        /// Tell the user what the signal would do to the program, or does.
        case tell(Signal, SignalOutcome)
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
    /// The last change, as long as its signal is kept back.
    private var owed: Generation?
    /// How long until the next look at a program that cannot take the signal, in milliseconds: one that has just been
    /// started will soon be able to.
    private var lookInterval = Self.firstLook
    private static let firstLook: UInt32 = 10
    private static let longestLook: UInt32 = 1_000
    /// It was seen to keep the signal of the change back. Where it does at the next look, too, it is to take it.
    private var wasKeptBack = false
    /// What the user was told last, as long as it is true.
    private var told: SignalOutcome?

    init(_ reaction: Reaction) {
        self.reaction = reaction
    }

    /// The generation has changed.
    mutating func changed(to generation: Generation) -> [Action] {
        switch (reaction, state) {
        case (.force(let signal), _): return [.send(signal), .acknowledge(generation)]
        case (.send(let signal), _):
            (owed, lookInterval, wasKeptBack) = (generation, Self.firstLook, false)
            return [.look(signal)]
        case (.restart, .running):
            state = .ending(generation)
            return [.send(.terminate), .beginGrace]
        case (.restart, .ending):
            // What is started will have seen nothing of the generations before.
            state = .ending(generation)
            return []
        }
    }

    /// The signal of the change would do this to the program.
    mutating func looked(_ outcome: SignalOutcome) -> [Action] {
        guard case .send(let signal) = reaction, let generation = owed else { return [] }
        let isKeptBackForMoments = outcome == .keptBack && !wasKeptBack
        wasKeptBack = outcome == .keptBack
        guard !isKeptBackForMoments else { return [.lookAgain(milliseconds: Self.firstLook)] }
        let isTold = [told, .taken, .keptBack, .isOver].contains(outcome)
        told = outcome
        let news: [Action] = isTold ? [] : [.tell(signal, outcome)]
        switch outcome {
        case .ends, .stops:
            defer { lookInterval = min(lookInterval * 2, Self.longestLook) }
            return news + [.lookAgain(milliseconds: lookInterval)]
        case .taken, .keptBack, .ignored, .isOver, .unknown:
            owed = nil
            return news + [.send(signal), .acknowledge(generation)]
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

    /// The time is over that the program was given to end, or until the next look.
    func timeIsOver() -> [Action] {
        switch (reaction, state) {
        case (.send(let signal), _): owed == nil ? [] : [.look(signal)]
        case (_, .ending): [.send(.kill)]
        case (_, .running): []
        }
    }

    /// The program has ended.
    mutating func ended(_ end: ChildProcess.End) -> [Action] {
        guard case .ending(let generation) = state, !isToEnd else { return [.finish(end.status)] }
        state = .running
        return [.start, .acknowledge(generation)]
    }
}
