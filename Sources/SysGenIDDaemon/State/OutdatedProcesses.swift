internal import SysGenIDCore
internal import SysGenIDFrontends
internal import SysGenIDSystem

/// The processes that have outdated watchers, with their names. Looking them up costs system calls, so it is done
/// when something has changed, and once a second otherwise.
struct OutdatedProcesses {
    private var lines: [String] = []
    private var seen: (generation: Generation, census: Census)?
    private var lookAgainAt: UInt64 = 0

    /// How many processes are told.
    static let limit = 16
    private static let interval: UInt64 = 1_000_000_000

    mutating func lines(of service: GenerationService, _ generation: Generation, _ census: Census) -> [String] {
        let now = MonotonicClock.now()
        let isUnchanged = seen.map { $0.generation == generation && $0.census == census } ?? false
        guard !isUnchanged || (census.outdated > 0 && now >= lookAgainAt) else { return lines }
        (seen, lookAgainAt) = ((generation, census), now + Self.interval)
        lines = Self.names(of: service.outdatedOpeners(limit: Self.limit))
        return lines
    }

    /// A line each process, however often it has opened the device; the opener may be gone, and the file with others.
    private static func names(of openers: [Opener]) -> [String] {
        var lines: [String] = []
        for opener in openers {
            let process = OtherProcess(thread: opener.thread)
            let line = process.map { "\($0.id) \($0.name)" } ?? "\(opener.thread) (gone)"
            if !lines.contains(line) { lines.append(line) }
        }
        return lines
    }
}
