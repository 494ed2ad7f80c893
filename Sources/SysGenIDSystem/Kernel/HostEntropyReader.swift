/// Reads fresh bytes of the host's when they are asked for, on a thread of its own: a device that hangs holds that
/// thread, and nobody who asks. There is one, however often it is asked; none can begin later in a sandbox.
///
/// Nothing is read before it is asked for. What was read before a snapshot would be the same in all clones, so a
/// reading that began before the question is no answer to it either.
public final class HostEntropyReader: Sendable {
    private let state = Lock(State())
    private let asked = EventCount()
    private let answered = EventCount()
    private let path: String
    /// Why there is nobody to be asked, as far as is known.
    private let absence = Lock<HostEntropyMissing?>(nil)
    private let findAbsence: @Sendable () -> HostEntropyMissing?
    private let thread = Lock<Thread?>(nil)

    public typealias Answer = Result<[UInt8], HostEntropyMissing>
    /// Reads as long as the closure that it is given says that the bytes are wanted.
    typealias Reading = @Sendable (_ isWanted: () -> Bool) -> Answer

    private struct State {
        /// The number of the last question.
        var last: UInt64 = 0
        /// The question that waits for an answer.
        var open: UInt64?
        var answer: Answer?
        var isStopped = false
    }

    /// Starts the thread, without capabilities: root may read the device without any.
    public convenience init(_ source: HostEntropy) throws(SystemCallFailure) {
        try self.init(path: source.path) {
            source.absence
        } reading: { isWanted in
            source.read(while: isWanted)
        }
    }

    init(
        path: String, absence: @escaping @Sendable () -> HostEntropyMissing? = { nil }, reading: @escaping Reading
    ) throws(SystemCallFailure) {
        self.path = path
        findAbsence = absence
        let started = try Thread(named: "entropy", keeping: []) { [self] in run(reading) }
        thread.withLock { $0 = started }
    }

    /// Looks whether there is a device, so that a change does not ask for what cannot come. From any thread, and never while
    /// a change is waited for: it may come and go.
    public func lookForDevice() {
        let found = findAbsence()
        absence.withLock { $0 = found }
    }

    /// Asks for bytes, and waits for them no longer than the time. To be called by one thread only.
    ///
    /// - Parameter time: in nanoseconds.
    /// - Returns: enough bytes to be worth `HostEntropy.freshBits`, or why there are none.
    public func bytes(within time: UInt64) -> Answer {
        if let absence = absence.withLock(\.self) { return .failure(absence) }
        return bytes(until: MonotonicClock.now() + time)
    }

    private func bytes(until moment: UInt64) -> Answer {
        state.withLock { state in
            state.last += 1
            state.open = state.last
            state.answer = nil
        }
        asked.advance()
        var seen: UInt32
        repeat {
            seen = answered.current
            if let answer = state.withLock({ $0.answer.take() }) { return answer }
        } while answered.wait(past: seen, until: moment)
        return state.withLock { state in
            state.open = nil
            return state.answer.take() ?? .failure(HostEntropyMissing("\(path) was too slow"))
        }
    }

    /// Ends the thread. One that is held by its device ends with the process.
    public func stop() {
        state.withLock { ($0.open, $0.isStopped) = (nil, true) }
        asked.advance()
        let running = thread.withLock { $0.take() }
        guard let running, !waitUntilReadable([running.endDescriptor], milliseconds: 100).isEmpty else { return }
        running.join()
    }

    private func run(_ reading: Reading) {
        while true {
            let seen = asked.current
            let (question, isStopped) = state.withLock { ($0.open, $0.isStopped) }
            if isStopped { return }
            guard let question else {
                _ = asked.wait(past: seen)
                continue
            }
            let answer = reading { state.withLock { $0.open == question } }
            let isWanted = state.withLock { state in
                guard state.open == question else { return false }
                (state.open, state.answer) = (nil, answer)
                return true
            }
            if isWanted { answered.advance() }
        }
    }
}
