import Glibc
import SysGenIDSystem
import TestSupport
import Testing

@testable import SysGenIDBackends

/// Trees that no firmware makes.
struct DeviceTreeDamageTests {
    /// The device on a bus, and each property that leads to its address, 0x1_0000_1000.
    private static let properties: [(node: String, name: String, bytes: [UInt8])] = [
        ("/", "#address-cells", cells(2)),
        ("/", "#size-cells", cells(2)),
        ("/bus", "#address-cells", cells(1)),
        ("/bus", "#size-cells", cells(1)),
        ("/bus", "ranges", cells(0x2000, 1, 0, 0x4000)),
        ("/bus/id", "compatible", text(DeviceTreeFixture.generationDevice)),
        ("/bus/id", "reg", cells(0x3000, 0x10)),
    ]

    let fixture: DeviceTreeFixture

    init() throws {
        fixture = try DeviceTreeFixture()
        for (node, name, bytes) in Self.properties { try fixture.set(node, name, bytes) }
    }

    @Test func everyTruncationIsAFailure() throws {
        for (node, name, bytes) in Self.properties {
            for length in 0..<bytes.count {
                // Ranges that are empty say something else, and truly.
                if name == "ranges", length == 0 { continue }
                try fixture.set(node, name, Array(bytes.prefix(length)))
                #expect(fixture.address == nil, "\(node) \(name) of \(length) bytes")
            }
            try fixture.set(node, name, bytes)
            #expect(fixture.address == 0x1_0000_1000)
        }
    }

    @Test func bytesTooManyAreAFailure() throws {
        for (node, name, bytes) in Self.properties where name != "compatible" {
            for count in 1...3 {
                try fixture.set(node, name, bytes + [UInt8](repeating: 0, count: count))
                #expect(fixture.address == nil, "\(node) \(name) and \(count) bytes")
            }
            try fixture.set(node, name, bytes)
        }
    }

    @Test func aFlippedBitMovesTheAddressByItsWeightOrIsAFailure() throws {
        for (node, name, bytes) in Self.properties {
            for bit in 0..<bytes.count * 8 {
                var damaged = bytes
                damaged[bit / 8] ^= 1 << (bit % 8)
                try fixture.set(node, name, damaged)
                guard let address = fixture.address else { continue }
                let difference = max(address, 0x1_0000_1000) - min(address, 0x1_0000_1000)
                #expect(difference.nonzeroBitCount <= 1, "\(node) \(name) bit \(bit): \(address)")
            }
            try fixture.set(node, name, bytes)
        }
    }

    @Test func propertiesOfRandomBytesAreReadOrRefused() throws {
        var random = SeededGenerator(seed: 0xd7)
        for _ in 0..<1_500 {
            let (node, name, bytes) = Self.properties.randomElement(using: &random)!
            let count = Int.random(in: 0...40, using: &random)
            try fixture.set(node, name, (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) })
            _ = fixture.address
            if Bool.random(using: &random) { try fixture.set(node, name, bytes) }
        }
    }

    @Test func giantFilesAreNotReadWhole() throws {
        for (node, name, bytes) in Self.properties {
            #expect(truncate(fixture.path(node) + "/" + name, 1 << 40) == 0)
            #expect(fixture.address == nil, "\(node) \(name)")
            try fixture.set(node, name, bytes)
        }
        #expect(fixture.address == 0x1_0000_1000)
    }

    @Test func propertiesThatAreNoFilesAreFailures() throws {
        for (node, name, bytes) in Self.properties {
            let path = fixture.path(node) + "/" + name
            try Files.remove(path)
            #expect(mkfifo(path, 0o644) == 0)
            #expect(fixture.address == nil, "\(node) \(name) is a pipe")
            try Files.remove(path)
            #expect(mkdir(path, 0o755) == 0)
            #expect(fixture.address == nil, "\(node) \(name) is a node")
            #expect(rmdir(path) == 0)
            try fixture.set(node, name, bytes)
        }
    }

    @Test func randomRangesTranslateAsTheyShould() {
        var random = SeededGenerator(seed: 238)
        // Numbers near one another and near the ends, so that every edge is met.
        func number() -> UInt64 {
            let base: UInt64 = [0, 0x1_0000, 1 << 63, .max].randomElement(using: &random)!
            return base &+ UInt64(truncatingIfNeeded: Int.random(in: -40...40, using: &random))
        }
        var translatedCount = 0
        for round in 0..<100_000 {
            let range = DeviceTreeRange(childAddress: number(), parentAddress: number(), size: number())
            let address = number()
            let end = UInt128(address) + 16
            let isInside = address >= range.childAddress && end <= UInt128(range.childAddress) + UInt128(range.size)
            let moved = isInside ? UInt128(range.parentAddress) + UInt128(address - range.childAddress) : .max
            let translated = range.translate(address, byteCount: 16)
            #expect(translated == UInt64(exactly: moved), "round \(round): \(range) \(address)")
            if translated != nil { translatedCount += 1 }
        }
        #expect(translatedCount > 10_000)
    }

    @Test func entriesOfRandomBytesAreTakenWholeOrNotAtAll() {
        var random = SeededGenerator(seed: 236)
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0...80, using: &random)).map { _ in UInt8(truncatingIfNeeded: random.next())
            }
            let child = DeviceTreeCellCounts(
                address: .random(in: 1...2, using: &random), size: .random(in: 1...2, using: &random))
            let parent = DeviceTreeCellCounts(address: .random(in: 1...2, using: &random), size: 1)
            let regionSize = (child.address + child.size) * 4
            let isWhole = !bytes.isEmpty && bytes.count % regionSize == 0
            #expect(DeviceTreeRegion.parse(bytes, child)?.count == (isWhole ? bytes.count / regionSize : nil))
            let rangeSize = regionSize + parent.address * 4
            let isWholeRange = !bytes.isEmpty && bytes.count % rangeSize == 0
            #expect(
                DeviceTreeRange.parse(bytes, child: child, parent: parent)?.count
                    == (isWholeRange ? bytes.count / rangeSize : nil))
        }
    }
}
