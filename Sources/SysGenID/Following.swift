internal import SysGenIDSystem

/// A thread that takes the changes of a watcher, from `follow` until `end`.
public final class Following: Sendable {
    private let stop: EventSignal

    fileprivate init() throws(SystemCallFailure) {
        stop = try EventSignal()
    }

    /// Ends it: the body is not called any more, but may be running when this returns.
    public func end() {
        stop.raise()
    }

    /// Takes changes until it is ended, or fails.
    fileprivate func run(
        _ watcher: GenerationWatcher, _ body: (Result<Generation, DeviceFailure>) -> Void
    ) {
        do throws(DeviceFailure) {
            while waitUntilReadable([stop.descriptor.rawValue], milliseconds: 0).isEmpty {
                if let generation = try watcher.nextChange() {
                    body(.success(generation))
                } else {
                    _ = waitUntilReadable([stop.descriptor.rawValue, watcher.descriptor])
                }
            }
        } catch {
            body(.failure(error))
        }
    }
}

extension GenerationWatcher {
    /// Calls the body for each change, on a thread of its own, where it may block as long as it likes. Signals are blocked
    /// there, and so in programs that are started from it with its signal mask.
    ///
    /// - Parameter body: gets the generation, or at last the failure after which no change can be told any more.
    /// - Returns: what ends it; it goes on until then, and keeps the watcher.
    /// - Throws: `DeviceFailure` where the thread cannot be started.
    public func follow(
        _ body: @escaping @Sendable (Result<Generation, DeviceFailure>) -> Void
    ) throws(DeviceFailure) -> Following {
        try performing(.waitForChange) { () throws(SystemCallFailure) in
            let following = try Following()
            _ = try Thread(named: "sysgenid-watch") { [self] in following.run(self, body) }
            return following
        }
    }
}

extension GenerationWatcher: AsyncSequence {
    /// The changes, as `makeAsyncIterator` gives them.
    public struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate var changes: AsyncThrowingStream<Generation, any Error>.AsyncIterator

        /// Waits for the next change.
        ///
        /// - Returns: the generation; nil where the task was cancelled.
        /// - Throws: `DeviceFailure`, after which there will be no more changes.
        public mutating func next() async throws -> Generation? {
            try await changes.next()
        }
    }

    /// Begins to take the changes on a thread of its own, which ends with the iterator, or with the task that waits for
    /// it. None of the threads that Swift's concurrency shares ever blocks. While the loop's body runs, only the last
    /// change is kept.
    public func makeAsyncIterator() -> AsyncIterator {
        let (stream, continuation) = AsyncThrowingStream.makeStream(
            of: Generation.self, throwing: (any Error).self, bufferingPolicy: .bufferingNewest(1))
        do {
            let following = try follow { change in
                switch change {
                case .success(let generation): continuation.yield(generation)
                case .failure(let failure): continuation.finish(throwing: failure)
                }
            }
            continuation.onTermination = { _ in following.end() }
        } catch {
            continuation.finish(throwing: error)
        }
        return AsyncIterator(changes: stream.makeAsyncIterator())
    }
}
