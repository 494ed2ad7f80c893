import Glibc

/// A parser, and what has to hold whatever bytes it is given.
struct FuzzTarget: Sendable {
    let name: String
    /// Feeds bytes to the parser, and throws what does not hold.
    ///
    /// - Returns: whether the parser found what it looks for.
    private let body: @Sendable ([UInt8]) throws -> Bool
    /// What the parser may need however short the input is, in nanoseconds of the processor.
    private let timeBase: Int

    static let all = [aml, deviceTree, kernelLog, uevent, state, fuse, handover, deviceTable, varlink]

    init(
        name: String, timeBase: Int = Self.usualTimeBase, _ body: @escaping @Sendable ([UInt8]) throws -> Bool
    ) {
        self.name = name
        self.timeBase = timeBase
        self.body = body
    }

    /// Feeds bytes to the parser, and throws what does not hold. No parser may work out of proportion to them.
    ///
    /// - Returns: whether the parser found what it looks for.
    func check(_ bytes: [UInt8]) throws -> Bool {
        let start = Self.processorTime()
        let isFound = try body(bytes)
        let spent = Self.processorTime() - start
        try demand(spent <= timeBase + bytes.count * Self.timePerByte, "\(spent) ns for \(bytes.count) bytes")
        return isFound
    }

    /// Nanoseconds: what an unoptimised build needs for the hardest inputs that are allowed, a hundred times the
    /// usual. Time that grows with the square of the size is far beyond.
    static let usualTimeBase = 200_000_000
    private static let timePerByte = 400_000

    /// What this thread has spent, in nanoseconds, so that the load of the machine does not count.
    private static func processorTime() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}

/// What should hold, and did not.
struct Violation: Error, CustomStringConvertible {
    let description: String
}

func demand(_ condition: Bool, _ violation: @autoclosure () -> String) throws(Violation) {
    guard condition else { throw Violation(description: violation()) }
}
