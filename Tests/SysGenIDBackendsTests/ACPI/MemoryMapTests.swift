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
        #expect(Self.map.objection(to: address, size: 16) == "is in ordinary memory")
    }

    @Test(arguments: [0xff0, 0x9_fc00, 0xfe0_0000, 0xfff_f028] as [UInt64])
    func reservedMemory(address: UInt64) {
        #expect(Self.map.place(of: address) == .reserved)
        #expect(Self.map.objection(to: address, size: 16) == nil)
    }

    @Test(arguments: [0x1000_0000, 0x1_4000_0000] as [UInt64])
    func noMemory(address: UInt64) {
        #expect(Self.map.place(of: address) == .nothing)
        #expect(Self.map.objection(to: address, size: 16) == nil)
    }

    @Test(arguments: [
        "System RAM", "System RAM (virtio_mem)", "System RAM (kmem)", "Crash kernel", "Crash kernel (low)",
        "Kernel bss",
        "System RAM\r", "System RAM  ", "System RAM\0",
    ])
    func allNamesOfOrdinaryMemory(name: String) {
        #expect(Self.map("1000-1fff : \(name)\n").place(of: 0x1000) == .ordinaryMemory)
        #expect(Self.map("0000-ffff : Reserved\n  1000-1fff : \(name)\n").place(of: 0x1000) == .ordinaryMemory)
        #expect(Self.map("0000-ffff : \(name)\n  1000-1fff : Reserved\r\n").place(of: 0x1000) == .reserved)
    }

    @Test func noByteMayLieInOrdinaryMemory() {
        #expect(Self.map.objection(to: 0xff8, size: 16) == "is in ordinary memory")
        #expect(Self.map.objection(to: 0x9_fbf8, size: 16) == "is in ordinary memory")
        #expect(Self.map.objection(to: 0xff_fff8, size: 8) != nil)
    }

    @Test func aMapWithoutAddressesTellsNothing() {
        let hidden = Self.map("00000000-00000000 : System RAM\n  00000000-00000000 : Kernel code\n")
        #expect(hidden.regions.count == 2)
        #expect(hidden.place(of: 0x8000) == .unknown)
        #expect(hidden.objection(to: 0xffff_ff00, size: 16) == nil)
        #expect(hidden.objection(to: 0x1_0000_0000, size: 16)?.contains("above 4 GiB") == true)
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
