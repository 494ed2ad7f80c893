import Testing

@testable import SysGenIDCore

/// The page in the layout of a vmclock, as numbers.
struct VMClockTests {
    @Test(
        "the counter is that of the generation, and never a lower one",
        arguments: [
            (0, 0, 0), (0, 1, 1), (1, 1, 1), (1, 2, 2), (5, 4, 0x1_0000_0004), (0xffff_ffff, 1, 0x1_0000_0001),
            (0x1_0000_0001, 2, 0x1_0000_0002), (0x7_ffff_fffe, 0xffff_ffff, 0x7_ffff_ffff),
            (0x7_ffff_ffff, 0, 0x8_0000_0000),
        ] as [(UInt64, UInt32, UInt64)])
    func counter(previous: UInt64, generation: UInt32, expected: UInt64) {
        #expect(VMClockCounter.counter(of: Generation(rawValue: generation), after: previous) == expected)
    }

    @Test(arguments: [0, 1, 500, 0xffff_ffff, 0x7_0000_0003] as [UInt64])
    func inThePlaceOfAnotherPageTheUpperHalfIsHigher(_ other: UInt64) {
        for generation: UInt32 in [0, 1, 500] {
            let floor = VMClockCounter.floor(above: other)
            let counter = VMClockCounter.counter(of: Generation(rawValue: generation), after: floor)
            #expect(counter >> 32 == other >> 32 + 1)
            #expect(
                VMClockCounter.counter(of: Generation(rawValue: generation + 1), after: max(counter, floor)) == counter
                    + 1)
        }
    }

    @Test func eachGenerationHasAnotherCounter() {
        var (counter, generation): (UInt64, Generation) = (0, .fresh)
        for minimum: UInt32 in [0, 0, 41, .max, 0, 0, .max, 5] {
            generation = generation.next(atLeast: minimum)
            let next = VMClockCounter.counter(of: generation, after: counter)
            #expect(next > counter && UInt32(truncatingIfNeeded: next) == generation.rawValue)
            counter = next
        }
        #expect(counter >> 32 == 2)
    }

    @Test(arguments: [(2, 4), (3, 4), (4, 6), (0xffff_fffe, 0), (0xffff_ffff, 0)] as [(UInt32, UInt32)])
    func theNextSequenceNumberIsEven(_ sequence: UInt32, _ expected: UInt32) {
        #expect(ClockSequence.next(after: sequence) == expected)
    }

    @Test func aPageWithoutAClockSaysSo() {
        let page = VMClockLayout.page(size: 4096)
        #expect(page.count == 4096)
        #expect(page.prefix(12) == [0x56, 0x43, 0x4c, 0x4b, 0, 0x10, 0, 0, 1, 0, 0xff, 0])
        #expect(page[0x18..<0x20].elementsEqual([0, 3, 0, 0, 0, 0, 0, 0]))
        let rest = page[0x0c..<0x18] + page[0x20...]
        #expect(rest.allSatisfy { $0 == 0 })
    }

    /// The page's fields, each with its place, size and what it has here.
    private static let places: [(offset: Int, size: Int, value: UInt64)] = [
        (0x0a, 1, 1), (0x0b, 1, 2), (0x10, 8, 0x4444_3333_2222_1111), (0x18, 8, 0b1010_0101), (0x22, 1, 3),
        (0x23, 1, 1), (0x24, 2, 0xfffe), (0x26, 1, 5), (0x27, 1, 9), (0x28, 8, 0x0102_0304_0506_0708), (0x30, 8, .max),
        (0x38, 8, 3),
        (0x40, 8, 4), (0x48, 8, 1_700_000_000), (0x50, 8, 1 << 63), (0x58, 8, 5), (0x60, 8, 6),
    ]

    private static func fields(of page: [UInt8]) -> VMClockFields {
        page.withUnsafeBytes { page in
            VMClockFields(identification: page.loadUnaligned(fromByteOffset: 0x08, as: UInt32.self)) {
                page.loadUnaligned(fromByteOffset: $0, as: UInt64.self)
            }
        }
    }

    private static var page: [UInt8] {
        var page = VMClockLayout.page(size: 4096)
        for (offset, size, value) in places {
            withUnsafeBytes(of: value.littleEndian) { bytes in
                page.replaceSubrange(offset..<offset + size, with: bytes.prefix(size))
            }
        }
        return page
    }

    @Test func theFieldsAreWhereTheHeaderHasThem() {
        let fields = Self.fields(of: Self.page)
        let values: [UInt64] = [
            UInt64(fields.counterID), UInt64(fields.timeType), fields.disruptionMarker, fields.flags.rawValue,
            UInt64(fields.status), UInt64(fields.leapSecondSmearingHint), UInt64(fields.taiOffset),
            UInt64(fields.leapIndicator), UInt64(fields.counterPeriodShift), fields.counterValue, fields.counterPeriod,
            fields.counterPeriodEstimatedError, fields.counterPeriodMaximumError, fields.seconds, fields.fraction,
            fields.estimatedError, fields.maximumError,
        ]
        #expect(values == Self.places.map(\.value))
        var expected = Self.page
        expected[0x19] = 3
        #expect(VMClockLayout.page(size: 4096, fields) == expected)
        #expect(Self.fields(of: VMClockLayout.page(size: 4096)) == VMClockFields())
    }

    @Test func nothingElseOfThePageIsTaken() {
        let known = Set(Self.places.flatMap { $0.offset..<$0.offset + $0.size }).subtracting(0x19..<0x20)
        for offset in 0..<VMClockLayout.size {
            var page = Self.page
            page[offset] ^= 0xff
            #expect((Self.fields(of: page) != Self.fields(of: Self.page)) == known.contains(offset), "byte \(offset)")
        }
    }

    // MARK: What is shown of the hypervisor's clock

    private static var valid: VMClockFields { fields(of: page) }

    private static func valid(_ change: (inout VMClockFields) -> Void) -> VMClockFields {
        var fields = valid
        change(&fields)
        return fields
    }

    @Test func anAnnouncedClockIsShownAsItIs() {
        for previous in [VMClockFields(), Self.valid, Self.valid.withoutClock] {
            #expect(VMClockFields.shown(of: HostClock(Self.valid, isAnnounced: true), after: previous) == Self.valid)
        }
        for (counterID, timeType, status): (UInt8, UInt8, UInt8) in [(0, 0, 0), (1, 1, 1), (0, 2, 4)] {
            let fields = Self.valid { ($0.counterID, $0.timeType, $0.status) = (counterID, timeType, status) }
            #expect(VMClockFields.shown(of: HostClock(fields, isAnnounced: true), after: VMClockFields()) == fields)
        }
    }

    @Test(
        "a clock that nobody tells of, or that nobody understands, is none, and its disruptions are shown",
        arguments: [
            (valid, false), (valid { $0.counterID = 0xff }, true), (valid { $0.counterID = 2 }, true),
            (valid { $0.timeType = 3 }, true), (valid { $0.timeType = 4 }, true), (valid { $0.status = 5 }, true),
            (valid { $0.leapIndicator = 6 }, true), (valid { $0.leapSecondSmearingHint = 3 }, true),
        ])
    func noClock(_ host: VMClockFields, _ isAnnounced: Bool) {
        var host = host
        host.flags = .ofClock
        var expected = VMClockFields()
        (expected.disruptionMarker, expected.flags) = (host.disruptionMarker, .ofDisruption)
        let clock = HostClock(host, isAnnounced: isAnnounced)
        #expect(VMClockFields.shown(of: clock, after: VMClockFields()) == expected)
        // Who saw a clock is told that there is none any more, though he may not look at the counter's id again.
        expected.status = 4
        #expect(VMClockFields.shown(of: clock, after: Self.valid) == expected)
        #expect(VMClockFields.shown(of: clock, after: expected) == expected)
    }

    @Test func whatIsNotReadAnyMoreIsNoClockAndNoDisruption() {
        #expect(VMClockFields.shown(of: nil, after: VMClockFields()) == VMClockFields())
        var expected = VMClockFields()
        (expected.disruptionMarker, expected.status) = (Self.valid.disruptionMarker, 4)
        for previous in [Self.valid, expected] {
            #expect(VMClockFields.shown(of: nil, after: previous) == expected)
            #expect(previous.withoutClock == expected && !expected.hasClock)
        }
        // One that was killed between the status and the counter's id, or between that and the status.
        #expect(Self.valid { $0.counterID = 0xff }.withoutClock == expected)
        #expect(Self.valid { $0.status = 0 }.withoutClock == expected)
    }

    @Test func theClocksOfAllPagesChangeAtOnce() throws {
        var registry = GenerationRegistry()
        let device = DeviceID(rawValue: 2)
        registry.added(device, at: .fresh)
        func open(_ device: DeviceID, _ asClock: Bool) throws -> WatcherID {
            let opener = Opener(thread: 1, userID: 0, account: .privileged)
            let id = try registry.opened(by: opener, device, asClock: asClock)
            if asClock { registry.readClock(id, as: ClockSequence.first) }
            _ = registry.polled(id, mayBeNotified: true)
            return id
        }
        let clocks = try [open(.system, true), open(device, true)]
        _ = try [open(.system, false), open(device, false)]
        let before = (registry.current, registry.census)
        let step = registry.clocksChanged()
        #expect(Set(step.effects) == Set(clocks.map(Effect.notifyPoll)) && step.effects.count == 2)
        #expect(registry.clockSequence(of: .system) == 4 && registry.clockSequence(of: device) == 4)
        #expect((registry.current, registry.census) == before && registry.census.outdated == 0)
        #expect(registry.clocksChanged().effects.isEmpty)
    }
}
