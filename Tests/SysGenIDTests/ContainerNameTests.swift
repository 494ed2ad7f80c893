import Testing

@testable import SysGenID

struct ContainerNameTests {
    @Test(arguments: ["a", "Z9", "web-1", "_", "-", "a..b", "0.", "--json", String(repeating: "n", count: 64)])
    func aNameIsTakenAsItIs(_ text: String) {
        #expect(ContainerName(text)?.description == text)
    }

    @Test(arguments: [
        "", ".", "..", ".hidden", "a/b", "/", "../../etc", "a b", "a\n", "a\0b", "é", "ａ", "a:b", "*",
        String(repeating: "n", count: 65),
    ])
    func anotherIsNone(_ text: String) {
        #expect(ContainerName(text) == nil)
    }

    @Test func anOwnerIsAUserWithOrWithoutAGroup() {
        #expect(ContainerOwner("0") == ContainerOwner(userID: 0))
        #expect(ContainerOwner("1000:5") == ContainerOwner(userID: 1_000, groupID: 5))
        #expect(ContainerOwner("4294967294:4294967294")?.groupID == 4_294_967_294)
    }

    /// 4294967295 would leave the owner what it is.
    @Test(arguments: [
        "", ":", "1:", ":1", "1:2:3", "root", "-1", "+1", "01", "1 ", "4294967295", "1:4294967295", "4294967296",
    ])
    func anotherOwnerIsNone(_ text: String) {
        #expect(ContainerOwner(text) == nil)
    }
}
