public import SysGenIDCore

/// What the daemon publishes of itself, one small text file for each value.
public struct Attributes: Hashable, Sendable {
    public var generation: Generation
    /// Where in the mapped page the generation lies, in bytes.
    public var pageOffset: Int
    public var census: Census
    /// The name of the backend.
    public var backend: String
    /// The names of the frontends that serve.
    public var frontends: [String]
    /// The daemon's own pid.
    public var processID: Int32
    /// The path of the device.
    public var device: String

    public init(
        generation: Generation, pageOffset: Int, census: Census, backend: String, frontends: [String],
        processID: Int32, device: String
    ) {
        self.generation = generation
        self.pageOffset = pageOffset
        self.census = census
        self.backend = backend
        self.frontends = frontends
        self.processID = processID
        self.device = device
    }

    static let generationName = "generation"

    /// The names of the files and what stands in them, but for the newline. The generation is the first.
    var files: [(name: String, text: String)] {
        [
            (Self.generationName, "\(generation)"),
            ("page_offset", "\(pageOffset)"),
            ("watchers", "\(census.watchers)"),
            ("tracked", "\(census.tracked)"),
            ("outdated", "\(census.outdated)"),
            ("backend", backend),
            ("frontends", frontends.joined(separator: " ")),
            ("pid", "\(processID)"),
            ("device", device),
        ]
    }
}
