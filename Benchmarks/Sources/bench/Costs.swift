import Foundation

/// What one round trip costs the daemon in system calls and allocations. That does not depend on how fast or how busy
/// the machine is, so a test can judge it.
struct Costs {
    private let bench: Bench
    /// The round trips whose cost is measured: the difference of so many and twice as many.
    private let times = 1_000

    init(_ bench: Bench) {
        self.bench = bench
    }

    /// One kind of round trip.
    struct Cost {
        var operation: String
        /// Of the thread that serves, for each round trip: by the name of the call.
        var calls: [String: Double]
        /// Of the thread that serves, for each round trip.
        var allocations: Double
        /// Of all other threads together. What they do depends on the time that passes, too, so nothing is asked of it.
        var otherCalls: Double
        var otherAllocations: Double

        var callCount: Double { calls.values.reduce(0, +) }
    }

    func count() throws -> [Cost] {
        let countFile = bench.folder + "/allocations"
        try Data(count: 4_096).write(to: URL(filePath: countFile))
        let environment = [
            "LD_PRELOAD": bench.path(of: "liballocation-counter.so"), "SYSGENID_ALLOCATIONS": countFile,
        ]
        // Without the line in the log for each change: what that costs depends on how many digits its numbers have.
        let device = try bench.serve(by: .sysgenidd, options: ["--log-level", "warning"], environment: environment)
        defer { device.end() }
        let thread = try device.daemon.thread(named: "counter-file")
        return try ["read", "write", "trigger"].map { operation in
            let (allocations, otherAllocations) = try difference { times in
                let before = try AllocationCounts(countFile)
                try perform(operation, times, device)
                return try AllocationCounts(countFile).since(before, thread)
            }
            let (calls, otherCalls) = try difference { times in
                let trace = try CallTrace(of: device.daemon, in: bench)
                try perform(operation, times, device)
                return try trace.end(thread)
            }
            return Cost(
                operation: operation, calls: calls, allocations: allocations["", default: 0],
                otherCalls: otherCalls.values.reduce(0, +), otherAllocations: otherAllocations["", default: 0])
        }
    }

    private func perform(_ operation: String, _ times: Int, _ device: ServedDevice) throws {
        _ = try bench.measure(.two, ["round-trip", operation, device.path, "\(times)"])
    }

    /// What a thread did, and what all others did, by name.
    typealias Counts = (own: [String: Double], others: [String: Double])

    /// What each further round trip adds to the thread: opening, closing and warming up cancel out. What others do
    /// besides is not bound to the round trips, so it is only shared out among them.
    private func difference(_ counting: (_ times: Int) throws -> Counts) throws -> Counts {
        let (once, twice) = (try counting(times), try counting(2 * times))
        let names = Set(once.own.keys).union(twice.own.keys)
        let each = names.map { name in
            (name, (twice.own[name, default: 0] - once.own[name, default: 0]) / Double(times))
        }
        // A lock that was taken at times, a look at the clock: not a part of each round trip.
        let own = Dictionary(uniqueKeysWithValues: each).filter { abs($0.value) >= 0.1 }
        return (own, twice.others.mapValues { $0 / Double(2 * times) })
    }

    static func table(of costs: [Cost]) -> String {
        let heading = """
            | round trip | system calls | | allocations | calls of other threads | their allocations |
            |---|---:|---|---:|---:|---:|
            """
        let rows = costs.map { cost in
            let names = cost.calls.sorted { $0.key < $1.key }.map { "\(String(format: "%.0f", $0.value)) `\($0.key)`" }
            let numbers = [cost.allocations, cost.otherCalls, cost.otherAllocations].map { String(format: "%.1f", $0) }
            let cells = ["`\(cost.operation)`", String(format: "%.1f", cost.callCount), names.joined(separator: ", ")]
            return "| " + (cells + numbers).joined(separator: " | ") + " |"
        }
        return ([heading] + rows).joined(separator: "\n")
    }
}
