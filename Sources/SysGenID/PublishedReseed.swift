/// What the daemon publishes of the last time that it reseeded the kernel's random pool, before a change that a backend
/// brought.
public struct PublishedReseed: Hashable, Sendable {
    /// In UTC, as 2021-03-01T00:00:00Z.
    public var timestamp: String
    /// The generation that it was for. A later one was triggered, which reseeds nothing.
    public var generation: Generation
    /// Whether the kernel has taken it.
    public var isTaken: Bool
    /// What went into it: `identity`, and `host` where fresh bytes of the host's came in time.
    public var sources: [String]
    /// Why there were none of the host's, or why the kernel has not taken it.
    public var remark: String?

    public init(
        timestamp: String, generation: Generation, isTaken: Bool = true, sources: [String] = [], remark: String? = nil
    ) {
        self.timestamp = timestamp
        self.generation = generation
        self.isTaken = isTaken
        self.sources = sources
        self.remark = remark
    }

    /// Reads the line; nil where it is none, or not what a daemon writes.
    init?(_ line: String) {
        let words = line.split(separator: " ", maxSplits: 4).map(String.init)
        guard words.count >= 4, words[0].utf8.allSatisfy(Self.isOfTime),
            let number = AttributeText.number(words[1]) as UInt32?,
            ["taken", "failed"].contains(words[2]), let sources = AttributeText.words(words[3])
        else { return nil }
        self.init(
            timestamp: words[0], generation: Generation(rawValue: number), isTaken: words[2] == "taken",
            sources: sources, remark: words.count > 4 ? words[4] : nil)
    }

    private static func isOfTime(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "-:TZ".utf8.contains(byte)
    }
}
