import Synchronization
import SysGenIDSystem

/// Two threads count. How many of them take the lock for it is the argument: with fewer than two, Thread Sanitizer has to
/// find what is wrong.
@main
enum Race {
    static func main() throws {
        let careful = CommandLine.arguments.dropFirst().first.flatMap(Int.init) ?? 0
        let counter = Counter()
        let threads = try (0..<2).map { index in
            try Thread(named: "counter \(index)") { counter.count(isCareful: index < careful) }
        }
        threads.forEach { $0.join() }
    }
}

// Not Sendable in truth: that is the point.
private final class Counter: @unchecked Sendable {
    private let lock = Lock(())
    private var number = 0
    /// How many threads have counted far enough. Relaxed, so that it puts the threads in no order.
    private let finished = Atomic(0)

    /// Counts until the other one has, too: the sanitizer can take a thread that begins for one that has ended.
    func count(isCareful: Bool) {
        for _ in 0..<1_000 { countOnce(isCareful) }
        finished.wrappingAdd(1, ordering: .relaxed)
        while finished.load(ordering: .relaxed) < 2 { countOnce(isCareful) }
    }

    private func countOnce(_ isCareful: Bool) {
        if isCareful { lock.withLock { _ in number += 1 } } else { number += 1 }
    }
}
