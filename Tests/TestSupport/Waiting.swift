import Glibc
import SysGenIDSystem

/// What was waited for did not come.
public struct TimedOut: Error, CustomStringConvertible {
    public var description: String
}

/// Looks again and again until a condition holds, as long as anything moves. It is nil where it can no longer come to hold.
///
/// - Parameter progress: a number that is another one where something has moved that no process shows.
public func waitUntil(
    _ what: String, patience: Patience = Patience(), progress: () -> Int = { 0 }, details: () -> String = { "" },
    _ condition: () throws -> Bool?
) throws {
    var patience = patience
    while true {
        switch try condition() {
        case true?: return
        case false?: usleep(2_000)
        case nil: throw TimedOut(description: "\(what) can no longer come: \(details())")
        }
        guard patience.isOver(progress) else { continue }
        throw TimedOut(
            description: "\(what) did not come, and nothing moves: \(details())\n\(ProcessStates.ofAllStarted)")
    }
}

/// Does what may block, on a thread of its own, and waits for its end as long as anything moves.
///
/// - Throws: what it throws. Where nothing moves any longer the thread is left behind.
public func patiently<Value: Sendable>(
    _ what: String, _ body: @escaping @Sendable () throws -> Value
) throws -> Value {
    let outcome = Lock<Result<Value, any Error>?>(nil)
    let thread = try Thread(named: "patiently") {
        let result = Result { try body() }
        outcome.withLock { $0 = result }
    }
    try waitUntil(what) { outcome.withLock { $0 != nil } }
    thread.join()
    return try outcome.withLock { $0! }.get()
}

/// Waits until one of the descriptors is readable, as long as anything moves; the ones that are, none where none becomes so.
public func awaitReadable(_ descriptors: [CInt]) -> Set<CInt> {
    var patience = Patience()
    while true {
        let ready = waitUntilReadable(descriptors, milliseconds: 2)
        if !ready.isEmpty || patience.isOver() { return ready }
    }
}
