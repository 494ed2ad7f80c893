import TestSupport
import Testing

@testable import SysGenIDBackends

/// What is read from a page that holds still, or changes at a chosen load.
struct VMClockPageTests {
    typealias Outcome = Result<VMClockPage, VMClockPage.Defect>

    private func read(_ bytes: [UInt8], beforeLoad: (Int, inout [UInt8]) -> Void = { _, _ in }) -> Outcome {
        var bytes = bytes
        var loads = 0
        do throws(VMClockPage.Defect) {
            let page = try VMClockPage(available: bytes.count) { offset in
                beforeLoad(loads, &bytes)
                loads += 1
                return bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: UInt32.self) }
            }
            return .success(page)
        } catch {
            return .failure(error)
        }
    }

    private func read(_ change: (inout VMClockFixture) -> Void) -> Outcome {
        var fixture = VMClockFixture()
        change(&fixture)
        return read(fixture.page)
    }

    @Test func theFieldsAreTaken() throws {
        #expect(VMClockFixture().structure.count == VMClockPage.byteCount)
        let page = try read(VMClockFixture().page).get()
        #expect(page.generationCounter == 0x0807_0605_0403_0201)
        #expect(!page.hasNotifications)
        #expect(page.clock.counterID == 1 && page.clock.timeType == 0 && page.clock.status == 2)
        #expect(page.clock.flags.rawValue == 1 << 7 | 1 && page.clock.taiOffset == 37)
        #expect(page.clock.disruptionMarker == 0x4444_3333_2222_1111 && page.clock.counterPeriodShift == 9)
        #expect(page.clock.seconds == 1_700_000_000 && page.clock.fraction == 1 << 63 && page.clock.maximumError == 6)
        #expect(try read { $0.flags |= 1 << 9 }.get().hasNotifications)
        #expect(try read { $0.generationCounter = 0 }.get().generationCounter == 0)
        #expect(try read { $0.sequence = .max - 1 }.get() == page)
    }

    @Test func theDisruptionMarkerIsNoCounter() throws {
        let page = try read { _ in }.get()
        for bit in 0..<64 {
            let disrupted = try read { $0.disruptionMarker ^= 1 << bit }.get()
            #expect(disrupted.generationCounter == page.generationCounter)
            #expect(disrupted.clock.disruptionMarker == page.clock.disruptionMarker ^ 1 << bit)
        }
        #expect(read { $0.flags = 0 } == .failure(.noGenerationCounter))
        #expect(read { $0.flags = ~(1 << 8) } == .failure(.noGenerationCounter))
        let defect = VMClockPage.Defect.noGenerationCounter
        #expect("\(defect)".contains("has no generation counter; the disruption marker is not one"))
    }

    @Test func otherConstantsAreDefects() {
        #expect(read { $0.magic = 0x5643_4c4b } == .failure(.noMagic(0x5643_4c4b)))
        #expect(read { $0.magic = 0 } == .failure(.noMagic(0)))
        for version: UInt16 in [0, 2, 0x0100, .max] {
            #expect(read { $0.version = version } == .failure(.unknownVersion(version)))
        }
        for size: UInt32 in [0, 1, 0x20, 0x68, 0x6f] {
            #expect(read { $0.size = size } == .failure(.noRoomForCounter(size)))
        }
        // The structure alone, a page, and a region of which a program can map no more than a page.
        for size: UInt32 in [0x70, 0x1000, 0x10000] {
            #expect((try? read { $0.size = size }.get()) != nil)
        }
        // A page that is of no use is not waited for.
        #expect(read { ($0.sequence, $0.version) = (7, 2) } == .failure(.unknownVersion(2)))
    }

    @Test func everyTruncationIsADefect() {
        let page = VMClockFixture().page
        for length in 0..<VMClockPage.byteCount {
            #expect(read(Array(page.prefix(length))) == .failure(.tooShort(length)))
        }
        #expect((try? read(Array(page.prefix(VMClockPage.byteCount))).get()) != nil)
    }

    @Test func aFlippedBitChangesTheCounterOrNothing() {
        let page = VMClockFixture().page
        let counter = VMClockFixture().generationCounter
        for bit in 0..<VMClockPage.byteCount * 8 {
            var damaged = page
            damaged[bit / 8] ^= 1 << (bit % 8)
            guard let read = try? read(damaged).get() else { continue }
            let flipped = bit / 8 >= 0x68 ? counter ^ 1 << (bit - 0x68 * 8) : counter
            #expect(read.generationCounter == flipped, "bit \(bit)")
        }
    }

    @Test func randomBytesAreNoVMClock() {
        var random = SeededGenerator(seed: 0x4b4c)
        for round in 0..<2_000 {
            var bytes = (0..<VMClockPage.byteCount).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            guard case .failure(.noMagic) = read(bytes) else {
                Issue.record("round \(round)")
                continue
            }
            // Whatever follows the constants, there is an answer, after a bounded number of tries.
            bytes.replaceSubrange(0..<10, with: VMClockFixture().page.prefix(10))
            _ = read(bytes)
        }
    }

    @Test func anOddSequenceIsGivenUpAfterManyTries() {
        var fixture = VMClockFixture()
        fixture.sequence = 7
        var loadCount = 0
        #expect(read(fixture.page) { load, _ in loadCount = load } == .failure(.alwaysBeingWritten))
        #expect(loadCount <= VMClockPage.tries + 3)
    }

    @Test func aSequenceThatNeverHoldsStillIsGivenUpToo() {
        #expect(
            read(VMClockFixture().page) { load, bytes in if load.isMultiple(of: 2) { bytes[0x0d] &+= 1 } }
                == .failure(.alwaysBeingWritten))
    }

    @Test func anUpdateBetweenAnyTwoLoadsIsSeenWholeOrNotAtAll() throws {
        let old = VMClockFixture()
        var new = old
        new.sequence += 2
        new.generationCounter = ~old.generationCounter
        new.flags |= 1 << 9
        new.disruptionMarker = ~old.disruptionMarker
        let all = 40
        for moment in 0..<all {
            let page = try read(old.page) { load, bytes in if load == moment { bytes = new.page } }.get()
            #expect([old.generationCounter, new.generationCounter].contains(page.generationCounter))
            let isNew = page.generationCounter == new.generationCounter
            #expect(page.hasNotifications == isNew, "load \(moment)")
            #expect((page.clock.disruptionMarker == new.disruptionMarker) == isNew, "load \(moment)")
        }
        var loads = 0
        _ = read(old.page) { load, _ in loads = load }
        #expect(loads < all)
    }

    @Test func anUpdateInPartsIsWaitedFor() throws {
        let old = VMClockFixture()
        for start in 0..<12 {
            // One byte a load, from the flags to the counter, under an odd sequence.
            let page = try read(old.page) { load, bytes in
                if load == start { bytes[0x0c] += 1 }
                if (1...8).contains(load - start) { bytes[0x67 + load - start] = 0xee }
                if load == start + 9 { bytes[0x0c] += 1 }
            }.get()
            #expect([old.generationCounter, 0xeeee_eeee_eeee_eeee].contains(page.generationCounter), "load \(start)")
        }
    }
}
