/// How much each user has of something that is limited for all of them together.
///
/// No user but root may have more than half of what the others leave: however greedy one is, there is room for the
/// next.
struct Shares: Sendable {
    let limit: Int
    private(set) var total = 0
    private var counts: [UInt32: Int] = [:]

    init(limit: Int) {
        self.limit = limit
    }

    /// Whether the user may have one more.
    func hasRoom(for userID: UInt32) -> Bool {
        guard total < limit else { return false }
        let own = counts[userID] ?? 0
        return userID == Self.root || 2 * own < limit - (total - own)
    }

    mutating func add(_ userID: UInt32) {
        total += 1
        counts[userID, default: 0] += 1
    }

    mutating func remove(_ userID: UInt32) {
        total -= 1
        let rest = (counts[userID] ?? 1) - 1
        counts[userID] = rest > 0 ? rest : nil
    }

    mutating func removeAll() {
        total = 0
        counts.removeAll(keepingCapacity: true)
    }

    private static let root: UInt32 = 0
}
