import Foundation
import Synchronization

/// Runs tests, several at once. Guests wait for each other nowhere, and each has its own time limit.
enum Schedule {
    static func run(_ runs: [TestRun], atOnce: Int, report: Report) {
        let waiting = Mutex(runs[...])
        // Not on Swift's own threads, since these block.
        DispatchQueue.concurrentPerform(iterations: atOnce) { _ in
            while let next = waiting.withLock({ $0.popFirst() }) {
                next.run().forEach(report.add)
            }
        }
    }
}
