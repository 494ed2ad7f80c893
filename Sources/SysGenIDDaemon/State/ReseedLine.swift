internal import SysGenIDCore
internal import SysGenIDFrontends
internal import SysGenIDSystem

/// The last reseed of the kernel's random pool for a change, as it is published. A successor continues with the line.
struct ReseedLine: Hashable, Sendable {
    /// When, for which generation, whether the kernel has taken it, from what, and what is to be said of it.
    let text: String
    let hasFailed: Bool

    private static let taken = "taken"
    private static let failed = "failed"
    /// What stands there before the first one.
    static let none = "none"

    /// - Parameter moment: seconds since 1970.
    init(_ reseed: Reseed, for generation: Generation, at moment: Int) {
        hasFailed = reseed.failure != nil
        let sources = reseed.hostEntropyMissing == nil ? "identity,host" : "identity"
        let remarks = [reseed.hostEntropyMissing?.description, reseed.failureText].compactMap(\.self)
        let words = [
            WallClock.text(of: moment), "\(generation)", hasFailed ? Self.failed : Self.taken, sources,
            remarks.joined(separator: "; "),
        ]
        text = words.filter { !$0.isEmpty }.joined(separator: " ")
    }

    /// Reads what a predecessor has published; nil where that is none, or not what a daemon writes.
    init?(predecessor contents: [UInt8]) {
        guard contents.last == UInt8(ascii: "\n"), contents.dropLast().allSatisfy({ (0x20..<0x7f).contains($0) })
        else { return nil }
        text = String(decoding: contents.dropLast(), as: UTF8.self)
        let words = text.split(separator: " ")
        guard words.count >= 4, UInt32(words[1]) != nil, [Self.taken, Self.failed].contains(String(words[2])) else {
            return nil
        }
        hasFailed = words[2] == Self.failed
    }
}

/// The last reseed, and how many there were of each kind since the daemon started.
struct ReseedSummary: Hashable, Sendable {
    private(set) var last: ReseedLine?
    private var counts: [Kind: UInt64] = [:]

    struct Kind: Hashable, Sendable {
        /// Whether bytes of the host's were in it.
        var hasHostEntropy: Bool
        var isTaken: Bool
    }

    init(last: ReseedLine? = nil) {
        self.last = last
    }

    mutating func note(_ reseed: Reseed, for generation: Generation, at moment: Int) {
        last = ReseedLine(reseed, for: generation, at: moment)
        counts[
            Kind(hasHostEntropy: reseed.hostEntropyMissing == nil, isTaken: reseed.failure == nil), default: 0] += 1
    }

    subscript(hasHostEntropy hasHostEntropy: Bool, isTaken isTaken: Bool) -> UInt64 {
        counts[Kind(hasHostEntropy: hasHostEntropy, isTaken: isTaken)] ?? 0
    }
}
