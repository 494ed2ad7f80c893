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
}
