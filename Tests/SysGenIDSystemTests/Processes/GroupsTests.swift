import TestSupport
import Testing

@testable import SysGenIDSystem

struct GroupsTests {
    let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    @Test func groupsAreFoundByNameAndByNumber() {
        #expect(Groups.id(named: "root") == 0)
        #expect(Groups.id(named: "1234") == 1234)
        #expect(Groups.id(named: "no-such-group-anywhere") == nil)
        #expect(Groups.id(named: "") == nil)
    }

    @Test(arguments: ["+5", "-0", "-1", "4294967295", "4294967296", " 0", "0x0"])
    func whatOnlyLooksLikeANumberIsNoGroup(name: String) {
        #expect(Groups.id(named: name) == nil)
    }

    private func id(_ name: String, _ table: String) throws -> UInt32? {
        try Files.replace(scratch.path("group"), with: Array(table.utf8), permissions: 0o644)
        return Groups.id(of: name, in: scratch.path("group"))
    }

    @Test func theSystemsOwnTableIsRead() throws {
        #expect(Groups.id(ofLocal: "root") == 0)
        #expect(Groups.id(ofLocal: "no-such-group-anywhere") == nil)
        #expect(Groups.id(of: "root", in: scratch.path("none")) == nil)
        let table = "root:x:0:\nsysgenid:x:989:alice,bob\nsysgenid:x:5:\nlast:*:7"
        #expect(try id("sysgenid", table) == 989)
        #expect(try id("last", table) == 7)
        #expect(try id("sysgeni", table) == nil)
        #expect(try id("alice", table) == nil)
    }

    @Test(
        "lines of another form",
        arguments: [
            "", "sysgenid", "sysgenid:x", "sysgenid:x:", "sysgenid:x::", "sysgenid:x:x:", "sysgenid:x:-1:",
            "sysgenid:x:4294967295:", "sysgenid:x:4294967296:", " sysgenid:x:5:", "#sysgenid:x:5:", "x:sysgenid:5:",
        ])
    func whatIsNoGroupIsLeftOut(line: String) throws {
        #expect(try id("sysgenid", line + "\n") == nil)
    }
}
