import SysGenIDCore
import Testing

@testable import SysGenIDFrontends

/// What the kernel calls devices, and how often it knows of them.
struct DeviceEntryTests {
    @Test(
        arguments: [
            ("a", true), ("9", true), ("_", true), ("-", true), ("a.b", true), ("x..", true), ("Web-1_2.service", true),
            (String(repeating: "n", count: 64), true), ("", false), (String(repeating: "n", count: 65), false),
            (".", false), ("..", false), (".hidden", false), ("a b", false), ("a/b", false), ("a\nb", false),
            ("a:b", false), ("ä", false), ("a\u{7f}", false), ("@", false), ("`", false), ("[", false), ("{", false),
            ("a\0", false),
        ])
    func name(_ text: String, isOne: Bool) {
        #expect(DeviceEntry.name(Array(text.utf8)) == (isOne ? text : nil))
    }

    @Test func aMessageIsCountedOnce() {
        var lookups = LookupCount()
        lookups.change(by: 1, in: 2)
        lookups.change(by: 1, in: 2)
        #expect(lookups.count == 1)
        lookups.change(by: 1, in: 4)
        #expect(LookupCount(word: lookups.word) == lookups)
        // A successor is given it once more.
        var next = LookupCount(word: lookups.word)
        next.change(by: 1, in: 4)
        #expect(next.count == 2)
        next.change(by: -2, in: 6)
        next.change(by: -2, in: 6)
        #expect(next.count == 0)
    }

    @Test func theCountEndsAtItsLimits() {
        var lookups = LookupCount()
        lookups.takeBack()
        #expect(lookups.count == 0)
        lookups.change(by: -3, in: 2)
        #expect(lookups.count == 0)
        lookups.change(by: .max - Int64(UInt32.max), in: 4)
        #expect(lookups.count == .max)
        lookups.takeBack()
        lookups.change(by: -.max, in: 6)
        #expect(lookups.count == 0)
    }

    @Test func eachNodeHasANumberOfItsOwn() {
        let devices = [(2, 0), (3, 0), (65_535, 0), (2, 1), (65_535, DeviceID.usesLimit)].map { slot, uses in
            DeviceID(slot: slot, uses: uses)
        }
        let nodes: [DeviceNode] =
            [.root, .containers, .file(of: .system)] + devices.flatMap { [.directory(of: $0), .file(of: $0)] }
        #expect(Set(nodes.map(\.number)).count == nodes.count)
        for node in nodes { #expect(DeviceNode(number: node.number) == node) }
        #expect(DeviceNode(number: 0) == nil)
        for device in devices { #expect(DeviceID(slot: device.slot, uses: device.uses) == device) }
        // The last number of a place is followed by its first.
        #expect(DeviceID(slot: 2, uses: DeviceID.usesLimit + 1).uses == 0)
    }
}
