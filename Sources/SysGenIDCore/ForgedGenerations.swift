/// Generations that somebody else than the daemon has shown to clients, by writing to the page that they map.
///
/// Whoever has seen one of them would take it for no change if it became the generation next. So a change passes over
/// them, one by one: a large number that was forged must not bring the counter near its end.
///
/// Numbers that follow each other are one range. Where there are more ranges than are kept, those are forgotten that the
/// counter would come to last. As the counter stops once between two ranges, none of the next `limit` - 1 changes makes a
/// number that was forged the generation.
public struct ForgedGenerations: Hashable, Sendable {
    /// How many ranges are kept.
    public static let limit = 64

    /// Ranges that neither overlap nor touch, the lowest first.
    public private(set) var ranges: [ClosedRange<UInt32>] = []

    public init() {}

    /// Remembers a number. 0 is left out: no change leads to it.
    ///
    /// - Parameter current: where the counter is.
    public mutating func remember(_ forged: UInt32, at current: Generation) {
        guard forged != 0 else { return }
        insert(forged...forged)
        guard ranges.count > Self.limit else { return }
        let distance = { (range: ClosedRange<UInt32>) in range.lowerBound &- current.rawValue }
        let last = ranges.indices.max { distance(ranges[$0]) < distance(ranges[$1]) }
        if let last { ranges.remove(at: last) }
    }

    /// Makes a range one with those that it overlaps or touches.
    private mutating func insert(_ range: ClosedRange<UInt32>) {
        var merged = range
        ranges.removeAll { other in
            guard other.touches(merged) else { return false }
            merged = min(other.lowerBound, merged.lowerBound)...max(other.upperBound, merged.upperBound)
            return true
        }
        ranges.insert(merged, at: ranges.firstIndex { $0.lowerBound > merged.upperBound } ?? ranges.count)
    }

    /// The generation that a change makes of this one where it passes over what was forged.
    func next(after current: Generation, atLeast minimum: UInt32) -> Generation {
        var next = current.next(atLeast: minimum)
        // Each range is passed once at most, and so is the current generation, where the way leads around to it.
        for _ in 0...ranges.count {
            if next == current {
                next = next.next()
            } else if let range = ranges.first(where: { $0.contains(next.rawValue) }) {
                next = Generation(rawValue: range.upperBound).next()
            } else {
                break
            }
        }
        return next
    }
}

extension ForgedGenerations {
    /// What was kept for a successor; ranges that were made by nobody who could are left out, and so are those that are
    /// too many.
    public init(_ kept: some Sequence<(first: UInt32, last: UInt32)>) {
        for (first, last) in kept.prefix(Self.limit) where first > 0 && last >= first && last - first <= Self.widest {
            insert(first...last)
        }
    }

    /// To forge the numbers of a wider range one by one, before the eyes of the guard, takes a day.
    private static let widest: UInt32 = 1 << 20
}

extension ClosedRange<UInt32> {
    /// Whether no number lies between the two.
    fileprivate func touches(_ other: ClosedRange<UInt32>) -> Bool {
        let isBelow = upperBound < other.lowerBound && other.lowerBound - upperBound > 1
        let isAbove = lowerBound > other.upperBound && lowerBound - other.upperBound > 1
        return !isBelow && !isAbove
    }
}
