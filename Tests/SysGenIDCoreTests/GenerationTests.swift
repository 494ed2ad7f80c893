import Testing

@testable import SysGenIDCore

struct GenerationTests {
    @Test(
        "the next generation is the larger of minimum and successor, unsigned",
        arguments: [
            (0, 0, 1), (0, 1, 1), (0, 2, 2), (0, .max, .max),
            (5, 0, 6), (5, 5, 6), (5, 6, 6), (5, 7, 7),
            // A signed comparison would take these for negative numbers.
            (5, 0x7fff_ffff, 0x7fff_ffff), (5, 0x8000_0000, 0x8000_0000), (5, 0x8000_0001, 0x8000_0001),
            (0x7fff_ffff, 0, 0x8000_0000), (0x7fff_ffff, 0x8000_0000, 0x8000_0000),
            (0x8000_0000, 0x7fff_ffff, 0x8000_0001), (0x8000_0000, 1, 0x8000_0001),
            (.max - 1, 0, .max), (.max - 1, .max, .max),
            // 0 is kept for systems that were never resumed, and the current one is no change.
            (.max, 0, 1), (.max, 1, 1), (.max, 2, 2), (.max, 0x8000_0000, 0x8000_0000),
            (.max, .max - 1, .max - 1), (.max, .max, 1),
        ] as [(UInt32, UInt32, UInt32)])
    func next(current: UInt32, minimum: UInt32, expected: UInt32) {
        #expect(Generation(rawValue: current).next(atLeast: minimum).rawValue == expected)
    }

    private static let edges: [UInt32] = [
        0, 1, 0x7fff_ffff, 0x8000_0000, 0x8000_0001, .max - 1, .max,
    ]

    /// Each edge, and what lies beside the current generation.
    private static func minimums(at current: UInt32) -> Set<UInt32> {
        Set(edges + [current &- 1, current, current &+ 1])
    }

    @Test("from every edge comes the larger of successor and minimum", arguments: edges)
    func edge(current: UInt32) {
        for minimum in Self.minimums(at: current) {
            // In numbers that cannot overflow.
            let successor = current == .max ? 1 : Int64(current) + 1
            let larger = max(successor, Int64(minimum))
            let expected = larger == Int64(current) ? 1 : UInt32(larger)
            var registry = GenerationRegistry(continuing: Record(generation: Generation(rawValue: current)))
            let watcher = registry.open()
            let step = registry.trigger(minimum: minimum)
            #expect(step.publishedGeneration == expected, "from \(current), minimum \(minimum)")
            #expect(registry.current.rawValue == expected)
            #expect(registry.read(watcher, count: 4, parkingAs: nil).answer == .generation(registry.current))
            #expect(step.effects.contains(.reportWrapAround) == (expected < current))
            #expect(expected != current && expected != 0)
        }
    }

    @Test("a resume at every edge is one change", arguments: edges)
    func resume(current: UInt32) {
        let known = Identity(domain: .vmGenerationID, high: 0, low: 1)
        let record = Record(generation: Generation(rawValue: current), identities: [known])
        var registry = GenerationRegistry(continuing: record)
        let step = registry.identify(Identity(domain: .vmGenerationID, high: 0, low: 2))
        #expect(step.publishedGeneration == (current == .max ? 1 : current + 1))
    }

    @Test func aFreshSystemHasGenerationZero() {
        #expect(GenerationRegistry().current == .fresh)
        #expect(Generation.fresh.rawValue == 0)
        #expect(Generation(rawValue: 7).description == "7")
    }

    @Test(
        "the digest is FNV-1a",
        arguments: [
            ("", 0xcbf2_9ce4_8422_2325), ("a", 0xaf63_dc4c_8601_ec8c), ("foobar", 0x8594_4171_f739_67e8),
        ] as [(String, UInt64)])
    func digest(text: String, expected: UInt64) {
        #expect(Digest.fnv1a(text.utf8) == expected)
    }
}

struct IdentityTests {
    let domain = Identity.Domain("file:/identity")

    @Test func bytesStayInTheOrderOfMemory() throws {
        let bytes = Array(UInt8(1)...16)
        let identity = try #require(Identity(domain: domain, bytes: bytes))
        #expect(identity.bytes == bytes)
        #expect(identity.domain == domain)
        #expect(identity.high == UInt64(bigEndian: 0x0102_0304_0506_0708))
        #expect(identity.low == UInt64(bigEndian: 0x090a_0b0c_0d0e_0f10))
    }

    @Test func bytesOfAPartOfALargerArrayAreTaken() {
        let bytes = Array(UInt8(0)...40)
        #expect(Identity(domain: domain, bytes: bytes[3..<19])?.bytes == Array(3...18))
    }

    @Test(arguments: [0, 1, 15, 17, 32])
    func anyOtherLengthIsNone(count: Int) {
        #expect(Identity(domain: domain, bytes: [UInt8](repeating: 1, count: count)) == nil)
    }

    @Test func domainsDifferByTheirDescription() {
        #expect(Identity.Domain("file:/a") == Identity.Domain("file:/a"))
        #expect(Identity.Domain("file:/a") != Identity.Domain("file:/b"))
        #expect(Identity.Domain("vmgenid") == .vmGenerationID)
    }
}
