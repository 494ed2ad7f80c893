import SysGenID
import TestSupport

// What the client library waits for, as long as anything moves.

extension GenerationWatcher {
    /// Blocks until there is a change.
    func awaitChange() throws -> Generation? {
        try patiently("a change") { try self.waitForChange() }
    }
}

/// The watchers have not readjusted, and nothing moves any longer.
struct NoReadjustment: Error {}

extension Overseer {
    /// Blocks until all tracked watchers have readjusted.
    func awaitWatchers() throws {
        try patiently("the watchers") { try self.waitForWatchers() }
    }

    /// The same for asynchronous code.
    func awaitReadjustment() async throws {
        try await withThrowingTaskGroup { group in
            group.addTask { try await watchersReadjust() }
            group.addTask {
                var patience = Patience()
                while !patience.isOver() { try await Task.sleep(for: .milliseconds(2)) }
                throw NoReadjustment()
            }
            try await group.next()
            group.cancelAll()
        }
    }
}
