import Testing

@testable import SysGenIDBackends

/// The forms of ADDR.
struct AddressEvaluationTests {
    private typealias Outcome = Result<UInt64, AddressDefect>

    /// The address of the one device in a block.
    private func outcome(_ block: [UInt8], revision: UInt8 = 2) throws -> Outcome {
        let devices = try ACPIFixtures.devices([block], revision: revision)
        #expect(devices.count == 1)
        return try #require(devices.first).address
    }

    private func package(_ low: [UInt8], _ high: [UInt8]) throws -> Outcome {
        try outcome(ACPIFixtures.device(ACPIFixtures.addressPackage(low, high)))
    }

    private func method(_ statements: [UInt8]..., before: [UInt8] = []) throws -> Outcome {
        try outcome(before + ACPIFixtures.device(AMLBuilder.method("ADDR", statements.flatMap(\.self))))
    }

    private let local = AMLBuilder.local(0)
    private let pair = AMLBuilder.package(count: 2, AMLBuilder.word(0x8000), AMLBuilder.zero)

    @Test func hypervisorsAddresses() throws {
        #expect(try outcome(ACPIFixtures.firecrackerBlock) == .success(ACPIFixtures.firecrackerAddress))
        #expect(try outcome(ACPIFixtures.qemuBlock(page: 0x0fff_f000)) == .success(0x0fff_f028))
        #expect(try outcome(ACPIFixtures.qemuBlock(page: 0xffff_f000)) == .success(0xffff_f028))
        #expect(try outcome(ACPIFixtures.qemuBlock(page: 0)) == .failure(.notPlaced))
    }

    @Test func aPlainPackageOfIntegersOfAnyWidth() throws {
        #expect(try package(AMLBuilder.word(0x8000), AMLBuilder.zero) == .success(0x8000))
        #expect(try package(AMLBuilder.doubleWord(0x8000_0000), AMLBuilder.one) == .success(0x1_8000_0000))
        #expect(try package(AMLBuilder.zero, AMLBuilder.byte(0x7f)) == .success(0x7f_0000_0000))
        #expect(try package(AMLBuilder.quadWord(0xffff_fff0), AMLBuilder.word(2)) == .success(0x2_ffff_fff0))
    }

    @Test func theHalvesArePutTogetherAsByTheKernel() throws {
        let high = AMLBuilder.quadWord(0x1_4000_0000)
        #expect(try package(high, AMLBuilder.zero) == .success(0x1_4000_0000))
        #expect(try package(high, AMLBuilder.one) == .success(0x1_4000_0000))
        #expect(try package(AMLBuilder.word(0x8000), high) == .failure(.tooHigh))
        #expect(try package([0xff], AMLBuilder.zero) == .failure(.tooHigh))
        // What is above the 64 bits of the whole is lost.
        #expect(try package(AMLBuilder.word(0x8000), AMLBuilder.quadWord(0x1_0000_0000)) == .success(0x8000))
    }

    @Test func integersOfOldTablesHave32Bits() throws {
        let device = ACPIFixtures.device(
            ACPIFixtures.addressPackage(AMLBuilder.quadWord(0x1_0000_8000), AMLBuilder.zero))
        #expect(try outcome(device) == .success(0x1_0000_8000))
        #expect(try outcome(device, revision: 1) == .success(0x8000))
    }

    @Test func addressesWhereNoGUIDCanBe() throws {
        for low: UInt32 in [0, 1, 0x28, 0xfff] {
            #expect(try package(AMLBuilder.doubleWord(low), AMLBuilder.zero) == .failure(.notPlaced))
        }
        #expect(try package(AMLBuilder.word(0x1000), AMLBuilder.zero) == .success(0x1000))
        let top = AMLBuilder.doubleWord(0x000f_ffff)
        #expect(try package(AMLBuilder.doubleWord(0xffff_ffe8), top) == .success(0xf_ffff_ffff_ffe8))
        #expect(try package(AMLBuilder.doubleWord(0xffff_fff0), top) == .failure(.tooHigh))
        #expect(try package(AMLBuilder.zero, AMLBuilder.doubleWord(0x0010_0000)) == .failure(.tooHigh))
    }

    @Test func alignmentIsNotAskedFor() throws {
        #expect(try package(AMLBuilder.word(0x8ff9), AMLBuilder.zero) == .success(0x8ff9))
    }

    @Test func packagesOfAnotherForm() throws {
        let half = AMLBuilder.word(0x8000)
        let packages: [[UInt8]] = [
            AMLBuilder.package(count: 0), AMLBuilder.package(count: 2), AMLBuilder.package(count: 2, half),
            AMLBuilder.package(count: 1, half), AMLBuilder.package(count: 3, half, half, half),
            AMLBuilder.package(count: 3, half, half), AMLBuilder.package(count: 1, half, half),
            AMLBuilder.package(count: 2, half, AMLBuilder.string("0")), AMLBuilder.package(count: 2, half, pair),
            AMLBuilder.package(count: 2, half, AMLBuilder.path("VGIA")), half, AMLBuilder.string("ADDR"),
            AMLBuilder.buffer([0, 0x80, 0, 0]), AMLBuilder.enclosed([0x13], half + half + half),
        ]
        for package in packages {
            let outcome = try outcome(ACPIFixtures.device(AMLBuilder.name("ADDR", package)))
            #expect(outcome == .failure(.notUnderstood))
        }
    }

    @Test func aMissingAddressIsSaidToBeMissing() throws {
        #expect(try outcome(ACPIFixtures.device([])) == .failure(.missing))
        let twice = ACPIFixtures.addressPackage(AMLBuilder.word(0x8000), AMLBuilder.zero)
        // As for ACPICA, the first one counts.
        let second = ACPIFixtures.addressPackage(AMLBuilder.word(0x9000), AMLBuilder.zero)
        #expect(try outcome(ACPIFixtures.device(twice + second)) == .success(0x8000))
    }

    @Test func methodsOfTheKnownStatements() throws {
        let low = AMLBuilder.index(local, AMLBuilder.zero)
        #expect(try method(AMLBuilder.returning(pair)) == .success(0x8000))
        #expect(
            try method(AMLBuilder.store(pair, AMLBuilder.local(7)), AMLBuilder.returning(AMLBuilder.local(7)))
                == .success(0x8000))
        // The sum is stored by Add itself.
        #expect(
            try method(
                AMLBuilder.store(pair, local), AMLBuilder.add(AMLBuilder.word(0x9000), AMLBuilder.one, low),
                AMLBuilder.returning(local)) == .success(0x9001))
        // A copy is another package than the original.
        #expect(
            try method(
                AMLBuilder.store(pair, local), AMLBuilder.store(local, AMLBuilder.local(1)),
                AMLBuilder.store(AMLBuilder.zero, low), AMLBuilder.returning(AMLBuilder.local(1)))
                == .success(0x8000))
        // What follows the return is not looked at.
        #expect(try method(AMLBuilder.returning(pair), [0xde, 0xad]) == .success(0x8000))
    }

    @Test func methodsThatComeToNoAddress() throws {
        let low = AMLBuilder.index(local, AMLBuilder.zero)
        let outcomes = [
            try method(), try method(AMLBuilder.store(pair, local)), try method(AMLBuilder.returning(local)),
            try method(AMLBuilder.returning(AMLBuilder.word(0x8000))), try method(AMLBuilder.returning([])),
            try method(AMLBuilder.store(AMLBuilder.zero, low), AMLBuilder.returning(pair)),
            try method(
                AMLBuilder.store(pair, local), AMLBuilder.store(pair, low), AMLBuilder.returning(local)),
            try method(
                AMLBuilder.store(pair, local),
                AMLBuilder.store(AMLBuilder.zero, AMLBuilder.index(local, AMLBuilder.byte(2))),
                AMLBuilder.returning(local)),
            // Index of 2⁶⁴−1, a call with no such name, an argument that nobody gives.
            try method(
                AMLBuilder.store(pair, local), AMLBuilder.store(AMLBuilder.zero, AMLBuilder.index(local, [0xff])),
                AMLBuilder.returning(local)),
            try method(AMLBuilder.path("CALL"), AMLBuilder.returning(pair)),
            try method(AMLBuilder.store([0x68], local), AMLBuilder.returning(pair)),
        ]
        for outcome in outcomes { #expect(throws: AddressDefect.self) { try outcome.get() } }
    }

    @Test func namesAreLookedUpOnTheWayToTheRoot() throws {
        func returned(_ before: [UInt8], _ path: String = "VGIA") throws -> Outcome {
            try method(
                AMLBuilder.store(AMLBuilder.package(count: 2, AMLBuilder.zero, AMLBuilder.zero), local),
                AMLBuilder.store(AMLBuilder.path(path), AMLBuilder.index(local, AMLBuilder.zero)),
                AMLBuilder.returning(local), before: before)
        }
        let declaration = AMLBuilder.name("VGIA", AMLBuilder.doubleWord(0x8000))
        #expect(try returned(declaration) == .success(0x8000))
        #expect(try returned(declaration, "\\VGIA") == .success(0x8000))
        #expect(try returned(AMLBuilder.name("\\VGIA", AMLBuilder.doubleWord(0x8000))) == .success(0x8000))
        #expect(try returned(declaration, "^^VGIA") == .success(0x8000))
        let other = AMLBuilder.name("VGIA", AMLBuilder.doubleWord(0x9000))
        #expect(try returned(declaration + other) == .success(0x8000))
        #expect(try returned(AMLBuilder.scope("\\_SB_", other) + declaration) == .success(0x8000))
        let missing = Outcome.failure(.notEvaluated(.missing("VGIA")))
        #expect(try returned([]) == missing)
        #expect(try returned(AMLBuilder.scope("\\_SB_", declaration)) == missing)
        #expect(try returned(declaration, "^VGIA") == .failure(.notEvaluated(.missing("^VGIA"))))
        #expect(try returned(declaration, "\\_SB_.VGIA") == .failure(.notEvaluated(.missing("\\_SB_.VGIA"))))
        #expect(try returned(AMLBuilder.name("VGIA", AMLBuilder.string("0"))) == .failure(.notUnderstood))
    }
}
