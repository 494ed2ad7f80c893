import Testing

@testable import SysGenIDBackends

/// What hypervisors' tables do on the way to an address: fields, conditions, calls, initialization.
struct InterpreterTests {
    private typealias Outcome = Result<UInt64, AddressDefect>
    private typealias Bytes = [UInt8]

    private static let local = AMLBuilder.local(0)
    private static let pair = AMLBuilder.package(count: 2, AMLBuilder.zero, AMLBuilder.zero)

    /// The address where ADDR returns the value as the lower half.
    private func low(_ value: [UInt8]..., before: [UInt8] = [], memory: [UInt64: [UInt8]] = [:]) throws -> Outcome {
        let statements = value.dropLast().flatMap(\.self)
        let method = AMLBuilder.method(
            "ADDR", AMLBuilder.store(Self.pair, AMLBuilder.local(7)), statements,
            AMLBuilder.store(value.last ?? [], AMLBuilder.index(AMLBuilder.local(7), AMLBuilder.zero)),
            AMLBuilder.returning(AMLBuilder.local(7)))
        let devices = try ACPIFixtures.devices([before + ACPIFixtures.device(method)], memory: memory)
        return try #require(devices.first).address
    }

    private let region =
        AMLBuilder.region("REGN", AMLBuilder.word(0x9000), AMLBuilder.byte(16))
        + AMLBuilder.field("REGN", ("FLD0", 4), ("FLD1", 12), ("FLD2", 32))

    @Test func fieldsAreReadFromTheMemory() throws {
        let memory: [UInt64: [UInt8]] = [0x9000: [0x21, 0x43, 0x65, 0x87, 0xa9, 0x0b, 0xdc]]
        #expect(try low(AMLBuilder.path("FLD1"), before: region, memory: memory) == .failure(.notPlaced))
        let shifted = [0x79] + AMLBuilder.path("FLD1") + AMLBuilder.byte(12) + AMLBuilder.zero
        #expect(try low(shifted, before: region, memory: memory) == .success(0x43_2000))
        #expect(try low(AMLBuilder.path("FLD2"), before: region, memory: memory) == .success(0xba9_8765))
    }

    @Test func aRegionMayLieWhereAFieldSays() throws {
        let memory: [UInt64: [UInt8]] = [0x9000: [0, 0, 0x00, 0xa0, 0, 0], 0xa000: [0x78, 0x56, 0x34, 0x12]]
        let second =
            AMLBuilder.region("REG2", AMLBuilder.path("FLD2"), AMLBuilder.byte(4))
            + AMLBuilder.field("REG2", ("FLD3", 32))
        #expect(try low(AMLBuilder.path("FLD3"), before: region + second, memory: memory) == .success(0x1234_5678))
        // Also where that field is declared later.
        #expect(try low(AMLBuilder.path("FLD3"), before: second + region, memory: memory) == .success(0x1234_5678))
    }

    @Test func whatWouldActOnTheMachineIsRefused() throws {
        func reason(_ value: [UInt8]..., before: [UInt8] = []) throws -> String {
            let outcome = try low(value.flatMap(\.self), AMLBuilder.word(0x8000), before: before)
            guard case .failure(.notEvaluated(.refused(let reason))) = outcome else { return "\(outcome)" }
            return reason
        }
        #expect(
            try reason(AMLBuilder.store(AMLBuilder.one, AMLBuilder.path("FLD0")), before: region).contains("\\FLD0"))
        #expect(try reason([0x86] + AMLBuilder.path("VGEN") + AMLBuilder.one) == "notify")
        #expect(try reason([0x5b, 0x22] + AMLBuilder.one) == "sleep")
        #expect(try reason([0x5b, 0x20] + AMLBuilder.path("VGEN") + AMLBuilder.zero) == "load")
        let ports =
            AMLBuilder.region("REGN", space: 1, AMLBuilder.word(0x510), AMLBuilder.byte(4))
            + AMLBuilder.field("REGN", ("FLD0", 8))
        #expect(try reason(AMLBuilder.store(AMLBuilder.path("FLD0"), Self.local), before: ports).contains("I/O ports"))
        let index = AMLBuilder.enclosed(
            [0x5b, 0x86], AMLBuilder.path("FLD0") + AMLBuilder.path("FLD1") + [1] + AMLBuilder.path("FLDI") + [8])
        #expect(
            try reason(AMLBuilder.store(AMLBuilder.path("FLDI"), Self.local), before: region + index)
                .contains("stored to"))
        // Behind the end of its region.
        let long =
            AMLBuilder.region("REGN", AMLBuilder.word(0x9000), AMLBuilder.byte(3))
            + AMLBuilder.field("REGN", ("FLD0", 32))
        #expect(
            try reason(AMLBuilder.store(AMLBuilder.path("FLD0"), Self.local), before: long).contains("outside"))
    }

    @Test func conditionsAndLoops() throws {
        let local = Self.local
        #expect(
            try low(
                AMLBuilder.when(AMLBuilder.zero, AMLBuilder.store(AMLBuilder.word(0x9000), local)),
                AMLBuilder.otherwise(AMLBuilder.store(AMLBuilder.word(0x8000), local)), local) == .success(0x8000))
        // Eight times 0x1000.
        #expect(
            try low(
                AMLBuilder.store(AMLBuilder.zero, local), AMLBuilder.store(AMLBuilder.zero, AMLBuilder.local(1)),
                AMLBuilder.loop(
                    [0x95] + local + AMLBuilder.byte(20), [0x75] + local,
                    AMLBuilder.when(AMLBuilder.equal(local, AMLBuilder.byte(9)), [0xa5]),
                    AMLBuilder.add(AMLBuilder.local(1), AMLBuilder.word(0x1000), AMLBuilder.local(1))),
                AMLBuilder.local(1)) == .success(0x8000))
    }

    @Test func methodsTakeArgumentsAndMayChangeWhatTheyAreGiven() throws {
        let sum = AMLBuilder.method(
            "SUM2", flags: 2, AMLBuilder.returning(AMLBuilder.add([0x68], [0x69])))
        let call = AMLBuilder.path("SUM2") + AMLBuilder.word(0x8000) + AMLBuilder.byte(8)
        #expect(try low(call, before: sum) == .success(0x8008))
        // A package is the caller's own, an integer is not.
        let change = AMLBuilder.method(
            "CHNG", flags: 2, AMLBuilder.store(AMLBuilder.word(0x9000), AMLBuilder.index([0x68], AMLBuilder.zero)),
            AMLBuilder.store(AMLBuilder.zero, [0x69]))
        let element = [0x83] + AMLBuilder.index(Self.local, AMLBuilder.zero)
        #expect(
            try low(
                AMLBuilder.store(Self.pair, Self.local), AMLBuilder.store(AMLBuilder.one, AMLBuilder.local(1)),
                AMLBuilder.path("CHNG") + Self.local + AMLBuilder.local(1),
                AMLBuilder.add(element, AMLBuilder.local(1)), before: change) == .success(0x9001))
        // By RefOf it is.
        let write = AMLBuilder.method("WRTE", flags: 1, AMLBuilder.store(AMLBuilder.word(0xa000), [0x68]))
        #expect(
            try low(
                AMLBuilder.store(AMLBuilder.zero, Self.local), AMLBuilder.path("WRTE") + [0x71] + Self.local,
                Self.local,
                before: write) == .success(0xa000))
    }

    @Test func whatAMethodDeclaresGoesWithIt() throws {
        let own = AMLBuilder.method(
            "OWN_", AMLBuilder.name("TEMP", AMLBuilder.word(0x8000)), AMLBuilder.returning(AMLBuilder.path("TEMP")))
        #expect(
            try low(AMLBuilder.add(AMLBuilder.path("OWN_"), AMLBuilder.path("OWN_")), before: own) == .success(0x1_0000)
        )
        #expect(
            try low(AMLBuilder.path("OWN_"), AMLBuilder.path("\\OWN_.TEMP"), before: own)
                == .failure(.notEvaluated(.missing("\\OWN_.TEMP"))))
    }

    @Test func partsOfBuffersAreFields() throws {
        let buffer = AMLBuilder.name("BUFF", AMLBuilder.buffer([0x00, 0x80, 0, 0]))
        let field = [0x8a] + AMLBuilder.path("BUFF") + AMLBuilder.zero + AMLBuilder.path("PART")
        #expect(try low(AMLBuilder.path("PART"), before: buffer + field) == .success(0x8000))
        #expect(
            try low(
                AMLBuilder.store(AMLBuilder.word(0x9000), AMLBuilder.path("PART")), AMLBuilder.path("BUFF"),
                before: buffer + field) == .failure(.notUnderstood))
        #expect(
            try low(
                AMLBuilder.store(AMLBuilder.word(0x9000), AMLBuilder.path("PART")),
                [0x99] + AMLBuilder.path("BUFF") + AMLBuilder.zero, before: buffer + field) == .success(0x9000))
    }

    @Test func whatTheKernelCallsFirstCounts() throws {
        let name = AMLBuilder.name("VGIA", AMLBuilder.word(0x8000))
        func initialization(_ statements: [UInt8]..., status: [UInt8] = []) -> [UInt8] {
            name
                + AMLBuilder.scope(
                    "\\_SB_",
                    AMLBuilder.device("OTHR", status, AMLBuilder.method("_INI", statements.flatMap(\.self))))
        }
        let store = AMLBuilder.store(AMLBuilder.word(0x9000), AMLBuilder.path("\\VGIA"))
        #expect(try low(AMLBuilder.path("VGIA"), before: initialization(store)) == .success(0x9000))
        let absent = AMLBuilder.name("_STA", AMLBuilder.zero)
        #expect(try low(AMLBuilder.path("VGIA"), before: initialization(store, status: absent)) == .success(0x8000))
    }

    @Test func whatSomethingMayHaveChangedThatWasRefusedIsNotBelieved() throws {
        let name = AMLBuilder.name("VGIA", AMLBuilder.word(0x8000))
        let refused: [UInt8] = [0x5b, 0x22] + AMLBuilder.one  // Sleep
        let store = AMLBuilder.store(AMLBuilder.word(0x9000), AMLBuilder.path("\\VGIA"))
        let change = AMLBuilder.method("CHNG", store)
        let tables = [
            AMLBuilder.scope("\\_SB_", AMLBuilder.method("_INI", refused, store)),
            change + AMLBuilder.scope("\\_SB_", AMLBuilder.method("_INI", refused, AMLBuilder.path("CHNG"))),
            region + AMLBuilder.when(AMLBuilder.path("FLD0"), store),
            AMLBuilder.scope(
                "\\_SB_",
                AMLBuilder.device("OTHR", AMLBuilder.method("_STA", refused), AMLBuilder.method("_INI", store))),
        ]
        for table in tables {
            let outcome = try low(AMLBuilder.path("VGIA"), before: name + table)
            guard case .failure(.notEvaluated(.refused(let reason))) = outcome else {
                Issue.record("\(outcome)")
                continue
            }
            #expect(reason.contains("\\VGIA"))
        }
        // What is not named there is as good as before.
        let other = AMLBuilder.scope("\\_SB_", AMLBuilder.method("_INI", refused))
        #expect(try low(AMLBuilder.path("VGIA"), before: name + other) == .success(0x8000))
    }

    @Test func whatWaitsForHardwareDoesNotUseUpAll() throws {
        let name = AMLBuilder.name("VGIA", AMLBuilder.word(0x8000))
        let other = AMLBuilder.name("OTHR", AMLBuilder.one)
        let waiting = AMLBuilder.scope(
            "\\_SB_",
            AMLBuilder.method("_INI", AMLBuilder.loop(AMLBuilder.one), AMLBuilder.store([0], AMLBuilder.path("OTHR"))))
        #expect(try low(AMLBuilder.path("VGIA"), before: name + other + waiting) == .success(0x8000))
        #expect(throws: AddressDefect.self) { try low(AMLBuilder.path("OTHR"), before: name + other + waiting).get() }
    }

    @Test func theKernelTakesItselfForEachWindows() throws {
        func answer(_ name: String) throws -> Outcome {
            try low(
                [0x7b] + AMLBuilder.path("_OSI") + AMLBuilder.string(name) + AMLBuilder.word(0x8000) + AMLBuilder.zero)
        }
        #expect(try answer("Windows 2009") == .success(0x8000))
        #expect(try answer("Linux") == .failure(.notPlaced))
    }

    @Test func aliasesAndPackagesOfNames() throws {
        let name = AMLBuilder.name("VGIA", AMLBuilder.word(0x8000))
        let alias = [0x06] + AMLBuilder.path("VGIA") + AMLBuilder.path("ALIA")
        #expect(try low(AMLBuilder.path("ALIA"), before: name + alias) == .success(0x8000))
        let package = AMLBuilder.name("LIST", AMLBuilder.package(count: 1, AMLBuilder.path("VGIA")))
        let element = [0x83] + AMLBuilder.index(AMLBuilder.path("LIST"), AMLBuilder.zero)
        #expect(try low(element, before: name + package) == .success(0x8000))
        // What is named is declared later.
        #expect(try low(element, before: package + name) == .success(0x8000))
    }

    /// For ACPICA the element and the object are one, as long as the object is not replaced.
    @Test func theElementsOfANamedPackageFollowTheirNames() throws {
        let tables =
            AMLBuilder.name("VGIA", AMLBuilder.word(0x8000))
            + AMLBuilder.name("LIST", AMLBuilder.package(count: 1, AMLBuilder.path("VGIA")))
        let element = [0x83] + AMLBuilder.index(AMLBuilder.path("LIST"), AMLBuilder.zero)
        let store = AMLBuilder.store(AMLBuilder.word(0x9000), AMLBuilder.path("VGIA"))
        #expect(try low(store, element, before: tables) == .success(0x9000))
        // A copy has the value of its time.
        let copied = [0x83] + AMLBuilder.index(Self.local, AMLBuilder.zero)
        #expect(
            try low(AMLBuilder.store(AMLBuilder.path("LIST"), Self.local), store, copied, before: tables)
                == .success(0x8000))
        let replacement = [0x9d] + AMLBuilder.word(0x9000) + AMLBuilder.path("VGIA")
        #expect(throws: AddressDefect.self) { try low(replacement, element, before: tables).get() }
    }

    @Test func aScopeOfATableThatIsMissingIsTakenToBeThere() throws {
        let device = ACPIFixtures.device(ACPIFixtures.addressPackage(AMLBuilder.word(0x8000), AMLBuilder.zero))
        let block = AMLBuilder.scope("\\_SB_.PCI0", device)
        #expect(try ACPIFixtures.devices([block]).isEmpty)
        let table = try ACPITable(contents: AMLBuilder.table("SSDT", block))
        let alone = ACPIDefinitions([(name: "SSDT", table: table)]) { (_, _) throws(AMLDefect) in
            throw .refused("memory")
        }
        #expect(try alone.generationDevices().devices.map(\.path) == ["\\_SB_.PCI0.VGEN"])
    }
}
