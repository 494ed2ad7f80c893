internal import SysGenIDSystem

/// What there is to notice a resume by. Nothing is opened before it is asked for.
public struct BackendCatalogue: Sendable {
    /// A backend that was chosen, and what there is to say of the choice, a line each.
    public struct Choice: Sendable {
        public let backend: any Backend
        public let remarks: [String]
    }

    /// Whether a backend can be used here.
    public enum Verdict: Hashable, Sendable {
        /// It can be used, and by what.
        case usable(String)
        /// It cannot be used, and why, for programs and for people.
        case unusable(UnusableReason, String)
    }

    private let systemRoot: String
    private let interval: CInt
    private let file: String?

    /// - Parameters:
    ///   - systemRoot: below which /sys, /proc, /dev and the firmware's files are read.
    ///   - interval: how often an identity is looked at without a reason, in milliseconds.
    ///   - file: the file of the backend `file`; nil where none is named.
    public init(systemRoot: String, interval: CInt, file: String?) {
        self.systemRoot = systemRoot
        self.interval = interval
        self.file = file
    }

    /// Looks whether each backend can be used, the best first.
    public func survey() -> [(name: String, verdict: Verdict)] {
        let candidates = HardwareSources(systemRoot: systemRoot).all
        let lineup = Lineup(candidates, now: MonotonicClock.now())
        let hardware = candidates.indices.map { index in
            let place = lineup.places[index].map { " \($0)" } ?? ""
            let usable = Verdict.usable(candidates[index].remark + place)
            return (
                name: candidates[index].name,
                verdict: lineup.refusals[index].map { Verdict.unusable($0.reason, $0.description) } ?? usable
            )
        }
        return [("file", fileVerdict)] + hardware + [("manual", .usable("changes come by 'sysgenidctl trigger' only"))]
    }

    /// The name of the backend by which no resume is noticed.
    public static let noticesNothing = Arbiter.noSource

    /// The best that this machine has: all its sources, of which the best decides, and whichever is next where
    /// that one breaks.
    public func best() -> Choice {
        let lineup = lineup(HardwareSources(systemRoot: systemRoot).all, by: .glance)
        let backend = WatchingBackend(lineup, interval: interval)
        var remarks: [String] = []
        for (name, refusal) in zip(lineup.names, lineup.refusals) {
            guard let refusal else { break }
            remarks.append("not by \(name): \(refusal)")
        }
        if remarks.count == lineup.names.count {
            remarks.append("changes come by 'sysgenidctl trigger' only: this machine shows no other sign of a resume")
        }
        return Choice(backend: backend, remarks: remarks)
    }

    /// The backend of that name. The kernel's log stands in for a source of hardware that breaks later, and at
    /// once for one whose memory cannot be read.
    ///
    /// - Throws: why it cannot be used, in one line.
    public func backend(named name: String) throws(BackendUnavailable) -> Choice {
        switch name {
        case "file":
            guard let file else { throw BackendUnavailable(name, .noFileNamed, Self.noFile) }
            return Choice(backend: FileBackend(path: file), remarks: [])
        case "manual":
            return Choice(backend: ManualBackend(), remarks: [])
        default:
            return try hardware(named: name)
        }
    }

    private func hardware(named name: String) throws(BackendUnavailable) -> Choice {
        let sources = HardwareSources(systemRoot: systemRoot)
        guard let wanted = sources.all.first(where: { $0.name == name }) else {
            throw BackendUnavailable(name, .noDevice, "there is none of that name")
        }
        // Who asks for one by its name is told all that stands against it.
        let lineup = lineup(name == sources.kernelLog.name ? [wanted] : [wanted, sources.kernelLog], by: .whole)
        let choice = Choice(backend: WatchingBackend(lineup, interval: interval), remarks: [])
        guard let refusal = lineup.refusals[0] else { return choice }
        guard choice.backend.name == sources.kernelLog.name, HardwareSources.inMemory.contains(name) else {
            throw BackendUnavailable(name, refusal.reason, refusal.description)
        }
        return Choice(backend: choice.backend, remarks: ["by the kernel's log, and not by \(name): \(refusal)"])
    }

    /// What is better than the source that decides, and that itself; the rest checks it, which begins when clients are served.
    private func lineup(_ candidates: [SourceCandidate], by look: SourceCandidate.Look) -> Lineup {
        Lineup(candidates, now: MonotonicClock.now(), by: look, puttingOff: true)
    }

    private static let noFile = "it needs --backend-file PATH, the file to watch"

    private var fileVerdict: Verdict {
        guard let file else { return .unusable(.noFileNamed, Self.noFile) }
        return .usable(Files.exists(file) ? file : "\(file), which is not there yet")
    }
}

/// Why a backend cannot be used, in one line that says what to do.
public struct BackendUnavailable: Error, Hashable, Sendable, CustomStringConvertible {
    public var reason: UnusableReason
    public var description: String

    init(_ name: String, _ reason: UnusableReason, _ words: String) {
        self.reason = reason
        description = "the backend \(name) cannot be used: \(words)"
    }
}
