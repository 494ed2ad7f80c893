import SysGenIDCore
import SysGenIDFuse
import SysGenIDSystem
import Testing

@testable import SysGenIDFrontends

/// A service whose surroundings write down what it does, in one order.
final class PlayedService: Sendable {
    /// What has happened, a line each.
    private let notes = Notes()
    let page: CounterPage
    let service: GenerationService

    /// - Parameter journalFailure: what each entry in the journal fails with.
    init(
        generation: UInt32 = 0, limits: Limits = Limits(watchers: 16), mayPageBeWritten: Bool = false,
        journalFailure: SystemCallFailure? = nil, handover: Handover? = nil, containers: ContainerDevices? = nil
    ) throws {
        let page = try CounterPage(generation: generation)
        self.page = page
        let note = { @Sendable [notes] (line: String) in notes.note(line) }
        service = try GenerationService(
            continuing: Record(generation: Generation(rawValue: generation)), limits: limits,
            journal: Played(page: page, failure: journalFailure, note: note), page: page,
            mayPageBeWritten: mayPageBeWritten, handover: handover, containers: containers,
            reseeder: Reseeder { _ in
                .failure(HostEntropyMissing("there is none"))
            } pool: { (_, _) throws(SystemCallFailure) in
                note("reseed, the page shows \(page.load())")
            },
            report: { note("told: \(Self.text(of: $0))") })
    }

    /// The lines since this was asked last.
    func news() -> [String] { notes.take() }

    func note(_ line: String) { notes.note(line) }

    func trigger() {
        service.handle(cause: .trigger(thread: 1, userID: 0)) { $0.triggered(minimum: 0, isPermitted: true) }
    }

    func identify(_ number: UInt64) -> Recognition {
        service.identified(Identity(domain: .vmGenerationID, high: 0, low: number), by: "test")
    }

    func open(isForWriting: Bool = false) throws(Refusal) -> WatcherID {
        try service.opened(
            by: Opener(thread: 1, userID: 0, account: .privileged), for: RequestKey(2, of: .counterFile), flags: [],
            isForWriting: isForWriting)
    }

    /// A watcher that sleeps in poll; its wake-up is written to the file.
    func sleeper(wokenBy connection: borrowing NamedFile) throws -> (watcher: WatcherID, handle: PollHandle) {
        let watcher = try open()
        let handle = PollHandle(number: 5, connection: connection.descriptor.rawValue)
        #expect(service.polled(watcher, pollHandle: handle) == false)
        return (watcher, handle)
    }

    private static func text(of event: ServiceEvent) -> String {
        switch event {
        case .changed(let generation, let cause): "\(generation), \(cause)"
        case .pageOverwritten(let seen, let generation): "\(seen) for \(generation)"
        case .limitReached(let refusal): "\(refusal)"
        case .recordFailed(let failure): failure.description
        case .identityAdopted: "adopted"
        case .wrappedAround: "wrapped around"
        default: "\(event)"
        }
    }

    private final class Notes: Sendable {
        private let lines = Lock<[String]>([])

        func note(_ line: String) { lines.withLock { $0.append(line) } }

        func take() -> [String] {
            lines.withLock { lines in
                defer { lines = [] }
                return lines
            }
        }
    }

    private struct Played: Journal {
        var page: CounterPage
        var failure: SystemCallFailure?
        var note: @Sendable (String) -> Void

        func write(_ record: Record) throws(SystemCallFailure) {
            note("record \(record.generation), the page shows \(page.load())")
            if let failure { throw failure }
        }

        func keep(_ forged: ForgedGenerations) throws(SystemCallFailure) {
            note("forged \(forged.ranges.map { "\($0)" }), the page shows \(page.load())")
            if let failure { throw failure }
        }
    }
}
