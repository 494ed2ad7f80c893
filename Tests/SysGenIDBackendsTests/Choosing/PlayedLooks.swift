import SysGenIDCore

@testable import SysGenIDBackends

/// Looks at three sources, one of the VM generation ID, one of another identity and the kernel's log, with the registry of
/// a daemon. The first look is at the moment 1, and each further one a nanosecond later where no pause is named.
struct PlayedLooks {
    /// What the sources show; nil for one that fails.
    struct Look: Sendable {
        let good, second, line: UInt64?
        let pause: UInt64

        init(_ good: UInt64?, _ second: UInt64?, _ line: UInt64?, after pause: UInt64 = 1) {
            (self.good, self.second, self.line, self.pause) = (good, second, line, pause)
        }

        var identities: [Identity?] {
            [good.map(PlayedLooks.good), second.map(PlayedLooks.second), line.map(PlayedLooks.line)]
        }

        var readings: [Reading?] { identities.map { $0.map { .identity($0) } ?? .failure("gone") } }
    }

    private(set) var arbiter = Arbiter(["good", "second", "kernel-log"])
    private var registry = GenerationRegistry()
    private var now: UInt64 = 0

    static func good(_ number: UInt64) -> Identity { Identity(domain: .vmGenerationID, high: 0, low: number) }
    static func second(_ number: UInt64) -> Identity { Identity(domain: .init("second"), high: 0, low: number) }
    static func line(_ number: UInt64) -> Identity { Identity(domain: .kernelLog, high: 0, low: number) }

    init(_ looks: [Look] = []) {
        for look in looks { _ = take(look) }
    }

    mutating func take(_ look: Look) -> [BackendReport] { take(look.readings, after: look.pause) }

    /// - Returns: what is reported.
    mutating func take(_ readings: [Reading?], after pause: UInt64 = 1) -> [BackendReport] {
        var reports: [BackendReport] = []
        now += pause
        arbiter.take(readings, now: now) {
            reports.append($0)
            return registry.take($0)
        }
        return reports
    }
}
