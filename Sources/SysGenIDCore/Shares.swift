/// How much each account has of something that is limited for all of them together.
///
/// A part is kept for the privileged, whom only the limit stops. Of the rest an account may have an eighth as long as
/// the others have nothing, and less the more they have: the share goes with the square of what they leave. So it takes
/// hundreds of accounts to leave a newcomer nothing, where an eighth of what is left would take a few dozen.
struct Shares: Sendable {
    let limit: Int
    private(set) var total = 0
    private var counts: [Account: Int] = [:]
    /// What others than the privileged may have together.
    private let open: Int

    /// - Parameter limit: at most this much for all, at least 1.
    init(limit: Int) {
        self.limit = limit
        open = limit - Self.reserve(of: limit)
    }

    /// What is kept for the privileged: a sixteenth, but 16 where that is less, and never more than half.
    static func reserve(of limit: Int) -> Int {
        max(limit / 16, min(16, limit / 2))
    }

    /// Whether the opener may have one more, on each account that it is counted on.
    func hasRoom(for opener: Opener) -> Bool {
        guard opener.account != .privileged else { return total < limit }
        guard total < open else { return false }
        return isWithinShare(opener.account) && opener.group.map(isWithinShare) ?? true
    }

    mutating func add(_ opener: Opener) {
        total += 1
        guard opener.account != .privileged else { return }
        counts[opener.account, default: 0] += 1
        if let group = opener.group { counts[group, default: 0] += 1 }
    }

    mutating func remove(_ opener: Opener) {
        total -= 1
        guard opener.account != .privileged else { return }
        subtract(from: opener.account)
        if let group = opener.group { subtract(from: group) }
    }

    mutating func removeAll() {
        total = 0
        counts.removeAll(keepingCapacity: true)
    }

    /// Not to be asked where the total is at what is open: then nothing is left to compute a share of.
    private func isWithinShare(_ account: Account) -> Bool {
        let own = counts[account] ?? 0
        let left = open - (total - own)
        return Self.divisor * own * open < left * left
    }

    private mutating func subtract(from account: Account) {
        let rest = (counts[account] ?? 1) - 1
        counts[account] = rest > 0 ? rest : nil
    }

    private static let divisor = 8
}
