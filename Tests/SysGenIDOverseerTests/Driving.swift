import SysGenID
import SysGenIDSystem

@testable import SysGenIDOverseer

/// A state machine with a clock, and what it has said so far.
struct Driven {
    var readiness: Readiness
    var now: UInt64 = 1_000_000_000_000

    static let settings = Readiness.Settings(deadline: 10_000_000_000, backendGrace: 1_000_000_000)

    init(continuing record: Readiness.Record? = nil) {
        readiness = Readiness(Self.settings, continuing: record)
    }

    /// One that is ready with a generation that it has found.
    static func ready(with generation: UInt32 = 5) -> Driven {
        var driven = Driven()
        _ = driven.take(.served(true))
        _ = driven.take(.shown(.init(generation)))
        _ = driven.take(.watchersUpToDate(.init(generation), WatcherCount()))
        return driven
    }

    /// Lets an event happen; what belongs to the log, to the record and to the service manager is left out.
    mutating func take(_ event: Readiness.Event) -> [Readiness.Action] {
        readiness.take(event, now: now).filter { action in
            switch action {
            case .tell, .record, .newState, .awaitNobody: false
            default: true
            }
        }
    }

    mutating func wait(milliseconds: UInt64) {
        now += milliseconds * 1_000_000
    }

    /// Comes from a change to the hooks of `changed`, which are these.
    mutating func change(to generation: UInt32, _ hooks: [Hook]) -> [Readiness.Action] {
        _ = take(.shown(.init(generation)))
        _ = take(.learned(.init(generation), nil))
        return take(.listed(.changed, hooks))
    }
}

extension Generation {
    init(_ number: UInt32) {
        self.init(rawValue: number)
    }
}

extension Hook {
    init(_ name: String, objection: String? = nil) {
        self.init(name: name, path: "/hooks/\(name)", objection: objection)
    }
}

extension PublishedReseed {
    init(_ generation: UInt32, isTaken: Bool = true, remark: String? = nil) {
        self.init(
            timestamp: "2021-03-01T00:00:00Z", generation: Generation(generation), isTaken: isTaken,
            sources: ["identity"], remark: remark)
    }
}
