import SysGenIDCore
import SysGenIDSystem

@testable import SysGenIDBackends

/// A source that may be missing or unreadable, and that may announce its changes.
final class CountingSource: IdentitySource {
    struct State {
        var isThere = true
        var isReadable = true
        var isAnnouncing: Bool
        var number: UInt64 = 1
        var openings = 0
        var looks = 0
    }

    let state: Lock<State>
    static let identity = identity(1)

    /// Readable from a change until the next look, where the changes are announced.
    private let announcement: EventSignal
    private let note: @Sendable () -> Void

    /// - Parameter noting: is called with each look.
    init(isAnnouncing: Bool = false, noting note: @escaping @Sendable () -> Void = {}) throws {
        state = Lock(State(isAnnouncing: isAnnouncing))
        self.note = note
        announcement = try EventSignal()
    }

    static func identity(_ number: UInt64) -> Identity {
        Identity(domain: .vmGenerationID, high: number, low: 2)
    }

    var openings: Int { state.withLock(\.openings) }
    /// How often it was read, when it was opened too.
    var looks: Int { state.withLock(\.looks) }

    func candidate(_ name: String, patience: UInt64 = 0) -> SourceCandidate {
        SourceCandidate(name: name, remark: "", patience: patience) { [self] _ throws(SourceFailure) in try open() }
    }

    func open() throws(SourceFailure) -> CountingSource {
        let isThere = state.withLock { state in
            state.openings += 1
            return state.isThere
        }
        guard isThere else { throw SourceFailure(.noDevice, "missing") }
        return self
    }

    /// Makes the identity another one.
    func change() {
        state.withLock { $0.number += 1 }
        announcement.raise()
    }

    func identity() throws(SourceFailure) -> Identity {
        announcement.clear()
        note()
        let (isReadable, number) = state.withLock { state in
            state.looks += 1
            return (state.isReadable, state.number)
        }
        guard isReadable else { throw SourceFailure(.unreadable, "unreadable") }
        return Self.identity(number)
    }

    var pollDescriptor: CInt? { state.withLock(\.isAnnouncing) ? announcement.descriptor.rawValue : nil }
}
