import SysGenIDCore

@testable import SysGenIDBackends

/// A machine whose host writes a counter and a GUID at each resume, and whose kernel logs a line, as far as they do: the
/// sources as the arbiter reads them one after the other, with the registry of a daemon.
struct PlayedResumes {
    /// What a machine may show of a resume, in the order in which it is read.
    enum Sign: Int, CaseIterable {
        case counter, identity, line
    }

    private var arbiter = Arbiter(names)
    private(set) var registry = GenerationRegistry()
    /// How often each sign was given; nil for a source that the machine has not.
    private var given: [UInt64?]
    private var seen: [UInt64?]
    private var now: UInt64 = 0
    /// Whether the sources are read only when they have changed, as those that announce it.
    private let areAnnounced: Bool

    private static let names = ["vmclock", "acpi", "kernel-log"]

    init(with sources: Set<Sign>, areAnnounced: Bool) {
        given = Sign.allCases.map { sources.contains($0) ? 0 : nil }
        seen = given.map { _ in nil }
        self.areAnnounced = areAnnounced
        look()
    }

    var generation: UInt32 { registry.current.rawValue }

    /// Reads the sources one after the other. Each may change before it is read.
    ///
    /// - Parameter before: what happens before that source is read.
    mutating func look(before: (Sign, inout PlayedResumes) -> Void = { _, _ in }) {
        let isPrompted = !areAnnounced || arbiter.isUndecided
        var readings: [Reading?] = []
        for sign in Sign.allCases {
            before(sign, &self)
            let number = given[sign.rawValue]
            let isRead = isPrompted || number != seen[sign.rawValue]
            readings.append(isRead ? number.map { .identity(Self.identity(sign, $0)) } : nil)
            seen[sign.rawValue] = number
        }
        arbiter.take(readings, now: now) { registry.take($0) }
        now += 1_000_000
    }

    mutating func give(_ sign: Sign) {
        given[sign.rawValue]? += 1
    }

    /// Time goes by without anything; there is a look at the end of it.
    mutating func rest(_ duration: UInt64) {
        now += duration
        for _ in 0..<4 { look() }
    }

    /// The daemon is started again.
    mutating func restart() {
        registry = GenerationRegistry(continuing: registry.record)
        arbiter = Arbiter(Self.names)
        seen = seen.map { _ in nil }
    }

    private static func identity(_ sign: Sign, _ number: UInt64) -> Identity {
        switch sign {
        case .counter: Identity(domain: .vmclock, high: number, low: 0)
        case .identity: Identity(domain: .vmGenerationID, high: 7, low: number)
        case .line: Identity(domain: .kernelLog, high: 0, low: number)
        }
    }
}

extension GenerationRegistry {
    /// Takes a backend's report as a daemon does.
    mutating func take(_ report: BackendReport) -> Recognition? {
        switch report {
        case .identity(let identity, _):
            let recognition = identities.recognition(of: identity)
            _ = identified(identity)
            _ = changeStored() + pagesStored()
            return recognition
        case .reserve(let identity): _ = remembered(identity)
        case .deciding, .unreadable, .readable, .clock, .clockIsSettled, .hasLooked: break
        }
        return nil
    }
}
