import TestSupport
import Testing

@testable import SysGenIDBackends

/// Tables that are damaged or made to do harm. They lead to the right address or to none.
struct HostileTableTests {
    static let qemuAddress: UInt64 = 0x0fff_f028
    static let qemuBlock = ACPIFixtures.qemuBlock(page: 0x0fff_f000)

    /// The addresses in a block; nil where it has no device that can be used.
    private func addresses(_ block: [UInt8]) -> [UInt64]? {
        try? ACPIFixtures.devices([block]).map { try $0.address.get() }
    }

    /// Whether a block leads to nothing but the address.
    private func leads(_ block: [UInt8], onlyTo address: UInt64) -> Bool {
        addresses(block)?.allSatisfy { $0 == address } ?? true
    }

    /// Values that mean something as an opcode, a prefix or a length, and neighbours of what is there.
    private func replacements(of byte: UInt8) -> Set<UInt8> {
        let values: Set<UInt8> = [
            0x00, 0x01, 0x02, 0x08, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x10, 0x11, 0x12, 0x13, 0x14, 0x2e, 0x2f, 0x40, 0x41,
            0x5b, 0x5c, 0x5e, 0x5f, 0x60, 0x61, 0x70, 0x72, 0x7f, 0x80, 0x82, 0x88, 0xa0, 0xa2, 0xa4, 0xc0, 0xff,
            byte &+ 1, byte &- 1, byte ^ 0x20, byte ^ 0x80,
        ]
        return values.subtracting([byte])
    }

    @Test func blocksCutAtEachLength() {
        for count in Self.qemuBlock.indices {
            #expect(leads(Array(Self.qemuBlock.prefix(count)), onlyTo: Self.qemuAddress), "length \(count)")
        }
        let firecracker = ACPIFixtures.firecrackerBlock
        for count in firecracker.indices { #expect(addresses(Array(firecracker.prefix(count))) ?? [] == []) }
    }

    @Test func blocksWithoutTheirBeginning() {
        for count in 1...Self.qemuBlock.count {
            #expect(leads(Array(Self.qemuBlock.dropFirst(count)), onlyTo: Self.qemuAddress), "from \(count) on")
        }
    }

    @Test func eachByteReplacedInFirecrackersDevice() throws {
        let block = ACPIFixtures.firecrackerBlock + ACPIFixtures.otherDevices
        let package = try #require(block.firstRange(of: [0x12, 0x0c, 0x02] as [UInt8]))
        // The two integers with their prefixes, where every value is an address as good as another.
        let integers = package.upperBound...package.upperBound + 9
        for place in block.indices where !integers.contains(place) {
            for value in replacements(of: block[place]) {
                var damaged = block
                damaged[place] = value
                #expect(
                    leads(damaged, onlyTo: ACPIFixtures.firecrackerAddress), "\(value) at \(place)")
            }
        }
    }

    @Test func eachByteReplacedInQEMUsTable() throws {
        let block = Self.qemuBlock
        let page = try #require(block.firstRange(of: AMLBuilder.name("VGIA", AMLBuilder.doubleWord(0x0fff_f000))))
        let method = try #require(block.firstRange(of: ACPIFixtures.qemuAddress))
        // What is evaluated may be another sum; all the rest may not matter.
        for place in block.indices where !page.contains(place) && !method.contains(place) {
            for value in replacements(of: block[place]) {
                var damaged = block
                damaged[place] = value
                #expect(leads(damaged, onlyTo: Self.qemuAddress), "\(value) at \(place)")
            }
        }
    }

    @Test func replacedIntegersLeadToPossibleAddresses() {
        for block in [Self.qemuBlock, ACPIFixtures.firecrackerBlock] {
            for place in block.indices {
                for value in replacements(of: block[place]) {
                    var damaged = block
                    damaged[place] = value
                    for address in addresses(damaged) ?? [] {
                        #expect((4096...(1 << 52 - 16)).contains(address), "\(value) at \(place)")
                    }
                }
            }
        }
    }

    @Test func aTableDamagedWithoutItsChecksumLeadsNowhere() {
        let table = ACPIFixtures.qemuTable(page: 0x0fff_f000)
        for place in table.indices {
            for value in replacements(of: table[place]) {
                var damaged = table
                damaged[place] = value
                guard let table = try? ACPITable(contents: damaged) else { continue }
                let definitions = ACPIDefinitions([(name: "SSDT", table: table)]) { (_, _) throws(AMLDefect) in
                    throw .refused("memory")
                }
                let devices = (try? definitions.generationDevices().devices) ?? []
                #expect(devices.isEmpty, "\(value) at \(place)")
            }
        }
    }

    @Test func piecesInRandomOrder() {
        var random = SeededGenerator(seed: 5)
        let block = Self.qemuBlock + ACPIFixtures.firecrackerBlock
        let known: Set = [Self.qemuAddress, ACPIFixtures.firecrackerAddress]
        for round in 0..<3_000 {
            var damaged = block
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let first = Int.random(in: damaged.indices, using: &random)
                let last = min(damaged.count - 1, first + Int.random(in: 0..<40, using: &random))
                let piece = Array(damaged[first...last])
                if Bool.random(using: &random) { damaged.removeSubrange(first...last) }
                damaged.insert(contentsOf: piece, at: Int.random(in: 0...damaged.count, using: &random))
            }
            for address in addresses(damaged) ?? [] {
                #expect(known.contains(address) || address >= 4096 && address < 1 << 52, "round \(round)")
            }
        }
    }

    @Test func randomBytes() {
        var random = SeededGenerator(seed: 20)
        let frequent: [UInt8] = [0x5b, 0x82, 0x08, 0x0c, 0x0d, 0x10, 0x12, 0x14, 0x2e, 0x41, 0x5f, 0x70, 0x88, 0xa4]
        for round in 0..<3_000 {
            let block = (0..<Int.random(in: 0...400, using: &random)).map { _ in
                Int.random(in: 0..<4, using: &random) == 0
                    ? UInt8(truncatingIfNeeded: random.next()) : frequent.randomElement(using: &random)!
            }
            #expect(addresses(block) ?? [] == [], "round \(round)")
        }
    }

    @Test func randomMethods() {
        var random = SeededGenerator(seed: 6)
        let pieces: [[UInt8]] = [
            [0x70], [0x72], [0x88], [0xa4], [0x60], [0x61], [0x00], [0x01], [0xff], [0x12], AMLBuilder.byte(2),
            AMLBuilder.package(count: 2), AMLBuilder.package(count: 255), AMLBuilder.path("VGIA"),
            AMLBuilder.store(AMLBuilder.package(count: 2, AMLBuilder.one, AMLBuilder.one), AMLBuilder.local(0)),
            AMLBuilder.index(AMLBuilder.local(0), AMLBuilder.one), AMLBuilder.returning(AMLBuilder.local(0)),
        ]
        for round in 0..<5_000 {
            let statements = (0..<Int.random(in: 0...30, using: &random)).flatMap { _ in
                pieces.randomElement(using: &random)!
            }
            let block =
                AMLBuilder.name("VGIA", AMLBuilder.word(0x8000))
                + ACPIFixtures.device(AMLBuilder.method("ADDR", statements))
            for address in addresses(block) ?? [] {
                #expect(address >= 4096 && address < 1 << 52, "round \(round)")
            }
        }
    }

    @Test func nestingIsLimited() {
        let device = ACPIFixtures.device(ACPIFixtures.addressPackage(AMLBuilder.word(0x8000), AMLBuilder.zero))
        func nested(_ depth: Int) -> [UInt8] {
            (0..<depth).reduce(device) { block, level in
                level % 2 == 0 ? AMLBuilder.scope("\\_SB_", block) : AMLBuilder.when(AMLBuilder.one, block)
            }
        }
        #expect(addresses(nested(40)) == [0x8000])
        #expect(addresses(nested(2_000)) == nil)
    }

    @Test func hugePackageLengths() {
        for lead: UInt8 in [0x3f, 0x4f, 0x8f, 0xcf] {
            let length = [lead] + [UInt8](repeating: 0xff, count: Int(lead >> 6))
            #expect(addresses([0x5b, 0x82] + length + ACPIFixtures.firecrackerBlock.dropFirst(4)) ?? [] == [])
            #expect(addresses([0x5b, 0x82] + length) ?? [] == [])
            #expect(addresses(ACPIFixtures.device([0x08] + AMLBuilder.path("ADDR") + [0x12] + length)) ?? [] == [])
        }
    }

    @Test(.timeLimit(.minutes(60)))
    func floodsOfDevicesEnd() {
        let size = 128 << 10
        func flood(_ piece: [UInt8]) -> [UInt8] {
            Array((0..<size / piece.count).map { _ in piece }.joined())
        }
        // Device after device, as short as can be.
        #expect(addresses(flood([0x5b, 0x82])) ?? [] == [])
        #expect(addresses(flood([0x5b, 0x82, 0x05] + Array("DEV0".utf8))) == [])
        // Names of many segments, and strings without an end.
        #expect(addresses(flood([0x5b, 0x82, 0xcf, 0xff, 0xff, 0xff, 0x2f, 0xff])) ?? [] == [])
        #expect(addresses(flood([0x08] + Array("VGIA".utf8) + [0x0d])) ?? [] == [])
        #expect(addresses([UInt8](repeating: 0x08, count: size)) == [])
    }

    @Test(.timeLimit(.minutes(60)))
    func workIsLimited() {
        let one = AMLBuilder.one
        let pair = AMLBuilder.package(count: 2, AMLBuilder.word(0x8000), AMLBuilder.zero)
        let local = AMLBuilder.local(0)
        let endless: [[UInt8]] = [
            AMLBuilder.loop(one, AMLBuilder.add(local, one, local)),
            AMLBuilder.loop(one),
            // A package that holds itself, and that one itself, and so on.
            AMLBuilder.store(pair, local)
                + AMLBuilder.loop(one, AMLBuilder.store(local, AMLBuilder.index(local, one))),
            // A method that calls itself.
            AMLBuilder.path("\\SELF"),
            // Buffers of a mebibyte each.
            AMLBuilder.loop(one, AMLBuilder.store(AMLBuilder.enclosed([0x11], AMLBuilder.doubleWord(1 << 20)), local)),
            // A string that doubles.
            AMLBuilder.store(AMLBuilder.string("AAAA"), local)
                + AMLBuilder.loop(one, [0x73] + local + local + local),
        ]
        let own = AMLBuilder.method("\\SELF", AMLBuilder.path("\\SELF"))
        for statements in endless {
            let method = AMLBuilder.method("ADDR", AMLBuilder.store(AMLBuilder.zero, local), statements)
            #expect(throws: ACPIDefinitions.Defect.tooIntricate) {
                try ACPIFixtures.devices([own + ACPIFixtures.device(method)])
            }
        }
        // At the level of the table; and where the kernel calls so many methods by itself that all is used up.
        #expect(addresses(AMLBuilder.loop(one, one)) == nil)
        let waiting = (0..<9).flatMap { AMLBuilder.device("DEV\($0)", AMLBuilder.method("_INI", AMLBuilder.loop(one))) }
        #expect(addresses(waiting) == nil)
    }

    @Test(.timeLimit(.minutes(60)))
    func lookingNamesUpIsLimited() {
        // A method that asks for a name again and again, in a table that is full of its declarations.
        let lookups = Array(repeating: AMLBuilder.add(AMLBuilder.path("VGIA"), AMLBuilder.one), count: 1_000)
        let declarations = Array(repeating: AMLBuilder.name("VGIA", AMLBuilder.word(0x8000)), count: 10_000)
        let block =
            Array(declarations.joined())
            + ACPIFixtures.device(AMLBuilder.method("ADDR", Array(lookups.joined())))
        #expect(addresses(block) ?? [] == [])
    }
}
