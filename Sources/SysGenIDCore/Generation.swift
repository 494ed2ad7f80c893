/// The generation of the system: a counter that changes each time the system is resumed from a
/// snapshot, cloned or rolled back.
public struct Generation: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The counter as clients see it, 0 to 2³²−1.
    public let rawValue: UInt32

    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// The generation of a system that has not been resumed since it was booted. No other system has it.
    public static let fresh = Generation(rawValue: 0)

    /// The last generation before the counter starts again at 1.
    public static let last = Generation(rawValue: .max)

    public var description: String { String(rawValue) }

    /// The generation that a change makes of this one: the larger of the two, unsigned, of `minimum`
    /// and the successor of this generation.
    ///
    /// It always differs from this one. The successor of 2³²−1 is 1, since 0 is kept for systems that
    /// were never resumed.
    public func next(atLeast minimum: UInt32 = 0) -> Generation {
        guard self == .last else {
            return Generation(rawValue: max(minimum, rawValue + 1))
        }
        return Generation(rawValue: minimum == .max ? 1 : max(minimum, 1))
    }
}
