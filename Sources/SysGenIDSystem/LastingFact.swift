internal import Synchronization

/// What does not change as long as the process lives: it is asked for until it is known. A failure to ask is no answer, and
/// not kept: by one kept, all who come later would be refused what they may.
final class LastingFact<Value: Sendable>: Sendable {
    private let known = Lock<Value?>(nil)

    /// - Parameter ask: nil where there is no answer now.
    func value(_ ask: () -> Value?) -> Value? {
        known.withLock { known in
            known = known ?? ask()
            return known
        }
    }
}
