import SysGenIDCore
import SysGenIDSystem
import SystemPackage
import TestSupport
import Testing

@testable import SysGenIDFrontends

/// What is done to the kernel's random pool for a change.
struct ReseederTests {
    /// A pool that keeps what it is given.
    private final class Pool: Sendable {
        struct Mixture: Hashable, Sendable {
            var bytes: [UInt8]
            var credit: CInt
        }

        let mixtures = Lock<[Mixture]>([])
        let patience = Lock<[UInt64]>([])
        private let answer: HostEntropyReader.Answer
        private let failure: SystemCallFailure?

        init(_ answer: HostEntropyReader.Answer = .success([7, 8, 9]), failure: SystemCallFailure? = nil) {
            self.answer = answer
            self.failure = failure
        }

        var reseeder: Reseeder { reseeder {} }

        func reseeder(_ note: @escaping @Sendable () -> Void) -> Reseeder {
            Reseeder { [self] time in
                patience.withLock { $0.append(time) }
                return answer
            } pool: { [self] (bytes, bits) throws(SystemCallFailure) in
                note()
                mixtures.withLock { $0.append(Mixture(bytes: Array(bytes), credit: bits)) }
                if let failure { throw failure }
            }
        }
    }

    private static func identity(_ number: UInt64) -> Identity {
        Identity(domain: .vmGenerationID, high: 1, low: number)
    }

    private let missing = HostEntropyMissing("/dev/hwrng is missing")
    private let refusal = SystemCallFailure("RNDADDENTROPY", "/dev/urandom", .notPermitted)

    @Test func theHostsBytesCountAndTheIdentityDoesNot() {
        let pool = Pool()
        #expect(pool.reseeder.reseed(with: Self.identity(5)) == Reseed())
        let expected = Pool.Mixture(bytes: Self.identity(5).bytes + [7, 8, 9], credit: 256)
        #expect(pool.mixtures.withLock { $0 } == [expected])
    }

    @Test func theIdentityAloneHasNoCredit() {
        let pool = Pool(.failure(missing))
        #expect(pool.reseeder.reseed(with: Self.identity(5)) == Reseed(hostEntropyMissing: missing))
        #expect(pool.mixtures.withLock { $0 } == [Pool.Mixture(bytes: Self.identity(5).bytes, credit: 0)])
    }

    @Test func whatTheKernelDoesNotTakeIsSaid() {
        let reseed = Pool(.failure(missing), failure: refusal).reseeder.reseed(with: Self.identity(5))
        #expect(reseed == Reseed(hostEntropyMissing: missing, failure: refusal))
        #expect(reseed.failureText?.contains("CAP_SYS_ADMIN") == true)
        #expect(Pool(failure: refusal).reseeder.reseed(with: Self.identity(5)) == Reseed(failure: refusal))
    }

    @Test func theHostHasLessThanFiveMilliseconds() {
        let pool = Pool()
        _ = pool.reseeder.reseed(with: Self.identity(5))
        let patience = pool.patience.withLock { $0 }
        #expect(patience.count == 1 && patience[0] > 0 && patience[0] < 5_000_000)
    }

    /// What the page shows and how much was told of whenever the pool is reseeded, and what is told in the end.
    private final class Observed: Sendable {
        let events = Lock<[ServiceEvent]>([])
        let seen = Lock<[UInt32]>([])
        let toldBefore = Lock<[Int]>([])

        var causes: [ServiceEvent.Cause] {
            events.withLock { events in
                events.compactMap { event in if case .changed(_, let cause) = event { cause } else { nil } }
            }
        }

        func service(_ pool: Pool, _ page: CounterPage) throws(SystemCallFailure) -> GenerationService {
            try GenerationService(
                continuing: Record(generation: .fresh), limits: Limits(watchers: 16), journal: Forgetful(), page: page,
                reseeder: pool.reseeder { [self] in
                    seen.withLock { $0.append(page.load()) }
                    let told = causes.count
                    toldBefore.withLock { $0.append(told) }
                }
            ) { [self] event in events.withLock { $0.append(event) } }
        }
    }

    /// Nobody waits for what the kernel has done already: what the host gives besides is added after the change, and told with
    /// it.
    @Test func whatTheKernelTellsOfIsShownBeforeTheHostsBytesCome() throws {
        let pool = Pool()
        let page = try CounterPage(generation: 0)
        let observed = Observed()
        let service = try observed.service(pool, page)
        for number in 1...3 as ClosedRange<UInt64> {
            service.identified(Identity(domain: .kernelLog, high: 0, low: number), by: "kernel-log")
        }
        #expect(observed.seen.withLock { $0 } == [1, 2])
        #expect(observed.toldBefore.withLock { $0 } == [0, 1])
        #expect(observed.causes == [.backend("kernel-log", Reseed()), .backend("kernel-log", Reseed())])
        #expect(pool.mixtures.withLock { $0.map(\.credit) } == [256, 256])
    }

    /// Neither the host nor the kernel is asked for anything.
    @Test func aRehearsalReseedsNothing() {
        let pool = Pool()
        pool.reseeder.rehearse(with: Self.identity(5))
        #expect(pool.mixtures.withLock(\.count) == 0 && pool.patience.withLock(\.count) == 0)
    }

    @Test func aResumeReseedsOnceBeforeThePageShowsIt() throws {
        let pool = Pool(.failure(missing))
        let page = try CounterPage(generation: 0)
        let observed = Observed()
        let service = try observed.service(pool, page)
        service.identified(Self.identity(1), by: "acpi")
        service.identified(Self.identity(1), by: "acpi")
        #expect(pool.mixtures.withLock(\.count) == 0)
        service.identified(Self.identity(2), by: "acpi")
        service.identified(Self.identity(2), by: "acpi")
        #expect(pool.mixtures.withLock(\.count) == 1)
        #expect(observed.seen.withLock { $0 } == [0])
        #expect(page.load() == 1)
        // Nothing new has come with it.
        service.handle(cause: .trigger(thread: 1, userID: 0)) { $0.triggered(minimum: 0, isPermitted: true) }
        #expect(pool.mixtures.withLock(\.count) == 1)
        #expect(
            observed.causes == [.backend("acpi", Reseed(hostEntropyMissing: missing)), .trigger(thread: 1, userID: 0)])
    }
}
