import Testing

@testable import SysGenIDSystem

struct OtherProcessTests {
    private func process(_ status: String) -> OtherProcess? { OtherProcess(status: Array(status.utf8)) }

    @Test func ofTheRunningTest() throws {
        let own = try #require(OtherProcess(thread: OwnProcess.id))
        #expect(own.id == OwnProcess.id)
        #expect(!own.name.isEmpty)
        #expect(OtherProcess(thread: 0) == nil)
        #expect(OtherProcess(thread: -1) == nil)
    }

    @Test func aThreadIsItsProcess() {
        let found = process("Name:\tworker 1\nUmask:\t0022\nTgid:\t41\nPid:\t42\n")
        #expect(found?.id == 41)
        #expect(found?.name == "worker?1")
    }

    @Test(arguments: ["", "Name:\tx\n", "Tgid:\t1\n", "Name:\tx\nTgid:\t99999999999\n", "Name: x\nTgid: 1\n"])
    func whatIsNoStatusIsNone(status: String) {
        #expect(process(status) == nil)
    }

    @Test func whatDoesNotPrintIsReplaced() {
        let found = OtherProcess(status: Array("Name:\t".utf8) + [0x1b, 0x41, 0xff] + Array("\nTgid:\t7\n".utf8))
        #expect(found?.name == "?A?")
    }

    @Test func timesAreWrittenInUTC() {
        #expect(WallClock.text(of: 1_614_556_800) == "2021-03-01T00:00:00Z")
        #expect(WallClock.text(of: 0) == "1970-01-01T00:00:00Z")
    }
}
