import SysGenIDCore
import SysGenIDSystem
import TestSupport
import Testing

@testable import SysGenIDFrontends
@testable import SysGenIDFuse

/// What the service shows of the hypervisor's clock, and when.
struct ClockServiceTests {
    private let scratch: Scratch
    private let played: PlayedService
    private var service: GenerationService { played.service }
    private let container: DeviceID

    init() throws {
        scratch = try Scratch(in: "/dev/shm")
        let devices = try ContainerDevices(in: scratch.path, limit: 9, system: .fresh, last: nil, isContinued: false)
        played = try PlayedService(containers: devices)
        var made = DeviceEntry(name: "a", userID: 0, groupID: 0, permissions: 0o755, time: 1)
        made.making = 2
        container = try played.service.addContainer(made) { _ in 2 }.id
        _ = try service.openClock(of: container) { _ in 3 }
    }

    private static func clock(_ number: UInt64) -> HostClock {
        var fields = VMClockFields()
        (fields.counterID, fields.status, fields.disruptionMarker, fields.seconds) = (1, 2, number, number)
        return HostClock(fields, isAnnounced: true)
    }

    private func see(_ clock: HostClock?) {
        service.hostClockSeen(clock)
        service.showHostClock()
    }

    private func resume(_ counter: UInt64, in domain: Identity.Domain = .vmclock) {
        #expect(service.identified(Identity(domain: domain, high: counter, low: 0), by: "test") == .resumed)
    }

    /// What both pages show, of the counters the generations: that of the system's is above the hypervisor's.
    private var readings: [ClockReading] {
        service.guarded.withLock { guarded in
            [DeviceID.system, container].compactMap { device in
                var reading = guarded.containers?.clock(of: device)?.reading
                reading?.counter &= UInt64(UInt32.max)
                return reading
            }
        }
    }

    private func expect(_ sequence: UInt32, _ counter: UInt64, _ fields: VMClockFields, line: Int = #line) {
        let reading = ClockReading(sequence: sequence, counter: counter, fields: fields)
        #expect(readings == [reading, reading], "line \(line)")
    }

    @Test func aClockThatIsAnotherOneIsAChangeOfThePagesAlone() {
        see(Self.clock(1))
        expect(4, 0, Self.clock(1).fields)
        see(Self.clock(1))
        expect(4, 0, Self.clock(1).fields)
        see(Self.clock(2))
        expect(6, 0, Self.clock(2).fields)
        #expect(service.clockFigures == ClockFigures(counter: 0, hasClock: true))
        played.trigger()
        expect(8, 1, Self.clock(2).fields)
        see(nil)
        expect(10, 1, Self.clock(2).fields.withoutClock)
        #expect(service.clockFigures == ClockFigures(counter: 1, hasClock: false))
        #expect(service.current == Generation(rawValue: 1))
    }

    @Test func aClockLeavesTheCounterAlone() throws {
        func counter() throws -> UInt64 { try #require(service.clockFigures).counter }
        let aboveTheHypervisors: UInt64 = 1 << 32 | 1
        service.identified(Identity(domain: .vmclock, high: 500, low: 0), by: "test")
        see(Self.clock(1))
        #expect(try counter() == 0)
        // A change brings it above the hypervisor's.
        played.trigger()
        #expect(try counter() == aboveTheHypervisors)
        see(Self.clock(2))
        #expect(try counter() == aboveTheHypervisors)
    }

    @Test func aResumeAndTheClockAfterItAreOneChange() {
        service.identified(Identity(domain: .vmclock, high: 1, low: 0), by: "test")
        see(Self.clock(1))
        service.hostClockSeen(Self.clock(2))
        resume(2)
        expect(6, 1, Self.clock(2).fields)
        service.showHostClock()
        expect(6, 1, Self.clock(2).fields)
        // One that leaves it alone.
        resume(3)
        expect(8, 2, Self.clock(2).fields)
    }

    /// It may have been read before the resume.
    @Test func aResumeThatAnotherSourceShowsTakesTheClockAway() {
        service.identified(Identity(domain: .vmGenerationID, high: 1, low: 0), by: "test")
        see(Self.clock(1))
        service.hostClockSeen(Self.clock(2))
        resume(2, in: .vmGenerationID)
        expect(6, 1, Self.clock(1).fields.withoutClock)
        service.showHostClock()
        expect(6, 1, Self.clock(1).fields.withoutClock)
        see(Self.clock(2))
        expect(8, 1, Self.clock(2).fields)
    }

    @Test func theEndTakesTheClockAway() {
        see(Self.clock(1))
        service.shutDown()
        expect(6, 0, Self.clock(1).fields.withoutClock)
    }

    /// Before Linux 6.9 whoever sleeps is woken when the kernel's cache has it.
    @Test func aClockIsStoredInTheKernelsCacheFirst() throws {
        let stored = Lock<[[DeviceChange]]>([])
        let store: KernelCache.Store = { changes, proceed in
            stored.withLock { $0.append(changes) }
            proceed()
        }
        service.addCache(of: .deviceDirectory, isContinued: false, storingBy: store) { _ in }
        see(Self.clock(1))
        let reading = ClockReading(sequence: 4, counter: 0, fields: Self.clock(1).fields)
        #expect(stored.withLock { $0.map { $0.map(\.clock) } } == [[reading, reading]])
        see(Self.clock(1))
        #expect(stored.withLock(\.count) == 1)
    }

    @Test func aContainersPageThatIsMadeLaterShowsWhatTheSystemsDoes() throws {
        see(Self.clock(1))
        var made = DeviceEntry(name: "b", userID: 0, groupID: 0, permissions: 0o755, time: 1)
        made.making = 4
        let other = try service.addContainer(made) { _ in 4 }.id
        #expect(try service.openClock(of: other) { _ in 5 }.fields == Self.clock(1).fields)
    }
}
