import Foundation

/// What a round trip may cost the thread that serves. Whoever makes one dearer has to say so here.
extension Costs.Cost {
    private static let limits: [String: (calls: Double, allocations: Double)] = [
        "read": (2, 1),
        "write": (2, 1),
        "trigger": (5, 1),
    ]

    /// How far a count may be from a whole number: a lock that was taken now and then.
    private static let tolerance = 0.5

    private var comparisons: [(what: String, value: Double, limit: Double)] {
        guard let limit = Self.limits[operation] else { return [] }
        return [("system calls", callCount, limit.calls), ("allocations", allocations, limit.allocations)]
    }

    /// What is dearer than it may be.
    var excesses: [String] {
        comparisons.filter { $0.value >= $0.limit + Self.tolerance }.map {
            String(format: "a \(operation) makes %.1f \($0.what), and may make %.0f", $0.value, $0.limit)
        }
    }

    /// What has become cheaper than the limit says, so that the limit would not find a step back.
    var remarks: [String] {
        comparisons.filter { $0.value <= $0.limit - Self.tolerance }.map {
            String(format: "a \(operation) makes only %.1f \($0.what): lower the limit of %.0f", $0.value, $0.limit)
        }
    }
}
