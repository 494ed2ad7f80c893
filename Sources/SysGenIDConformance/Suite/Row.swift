/// One row of the interface, and how it is tried.
struct Row: Sendable {
    /// The operation, a colon, and what it has to do.
    let name: String
    /// What has to be there for the row to be run at all.
    let needs: [Need]
    /// The kinds of device that the row is about.
    let kinds: [Expectation]
    /// How long the row may take, in milliseconds as `client_receive` counts them.
    let timeLimit: @Sendable (Device) -> CInt
    /// Tries it, in a process of its own, and throws a `Mismatch`, or `Skipped`.
    let body: @Sendable (Device) throws -> Void

    init(
        _ name: String, needs: Need..., on kinds: [Expectation] = Expectation.allCases,
        timeLimit: @escaping @Sendable (Device) -> CInt = { _ in 3 * patience },
        _ body: @escaping @Sendable (Device) throws -> Void
    ) {
        self.name = name
        self.needs = needs
        self.kinds = kinds
        self.timeLimit = timeLimit
        self.body = body
    }

    /// All rows, in the order in which they are run.
    static let all: [Row] =
        openRows + readRows + offsetRows + writeRows + pollRows + epollRows + mapRows + mapProtectionRows
        + triggerRows + trackingRows + waitRows + waitForAllRows + signalRows + permissionRows + badInputRows
        + cacheRows + asynchronousRows + ringRows

    /// The rows that take the counter to its end and over it.
    static let wrapping = wrapRows

    /// The rows of a page in the layout of a vmclock.
    static let ofClock = clockRows
}

extension [Expectation] {
    /// The kinds of device that can be mapped.
    static let mappable: [Expectation] = [.full, .pageCache]
    /// The kinds of device with pread and pwrite, whose offsets do not matter.
    static let withOffsets: [Expectation] = [.full, .characterDevice]
}
