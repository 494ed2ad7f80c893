import Testing

@testable import SysGenIDBackends

struct MemoryMapTests {
    private static func map(_ text: String) -> MemoryMap { MemoryMap(contents: Array(text.utf8)) }

    static let map = map(
        """
        00000000-00000fff : Reserved
        00001000-0009fbff : System RAM
        0009fc00-0009ffff : Reserved
        00100000-0ffeffff : System RAM
          01000000-01ffffff : Kernel code
          0fe00000-0fefffff : reserved
        0fff0000-0fffffff : ACPI Non-volatile Storage
        100000000-13fffffff : System RAM

        """)

    @Test(arguments: [0x1000, 0x10_0000, 0x100_0000, 0xffe_ffff, 0x1_0000_0000] as [UInt64])
    func ordinaryMemory(address: UInt64) {
        #expect(Self.map.place(of: address) == .ordinaryMemory)
        #expect(Self.map.objection(to: address) == "is in ordinary memory")
    }

    @Test(arguments: [0xfff, 0x9_fc00, 0xfe0_0000, 0xfff_f028] as [UInt64])
    func reservedMemory(address: UInt64) {
        #expect(Self.map.place(of: address) == .reserved)
        #expect(Self.map.objection(to: address) == nil)
    }

    @Test(arguments: [0x1000_0000, 0x1_4000_0000] as [UInt64])
    func noMemory(address: UInt64) {
        #expect(Self.map.place(of: address) == .nothing)
        #expect(Self.map.objection(to: address)?.contains("nothing") == true)
    }

    @Test func aMapWithoutAddressesTellsNothing() {
        let hidden = Self.map("00000000-00000000 : System RAM\n  00000000-00000000 : Kernel code\n")
        #expect(hidden.regions.count == 2)
        #expect(hidden.place(of: 0x8000) == .unknown)
        #expect(hidden.objection(to: 0xffff_ffff) == nil)
        #expect(hidden.objection(to: 0x1_0000_0000)?.contains("above 4 GiB") == true)
        #expect(MemoryMap(systemRoot: "/nowhere") == Self.map(""))
    }

    @Test(arguments: [
        "", ":", " : System RAM", "1000 : System RAM", "2000-1000 : System RAM", "x-y : System RAM",
        "1000-2000: System RAM", "+1000-2000 : System RAM", "1000-+2000 : System RAM",
        "10000000000000000-20000000000000000 : System RAM", "a : b-c", "1000-2000", "1000-", "-2000 : System RAM",
    ])
    func linesOfAnotherForm(line: String) {
        #expect(Self.map(line).regions.isEmpty)
    }

    @Test func namesMayHoldTheSeparator() {
        let region = Self.map("    1000-1fff : 0000:00:01.0 : b-c").regions.first
        #expect(region?.name == "0000:00:01.0 : b-c")
        #expect(region?.depth == 4)
        #expect(region?.addresses == 0x1000...0x1fff)
    }
}
