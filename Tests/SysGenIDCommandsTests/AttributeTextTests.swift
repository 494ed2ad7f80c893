import Testing

@testable import SysGenID

@Suite("The text of published attributes")
struct AttributeTextTests {
    @Test("one line, with its end or without")
    func line() {
        #expect(AttributeText.line(Array("vmclock\n".utf8), limit: 8) == "vmclock")
        #expect(AttributeText.line(Array("vmclock".utf8), limit: 8) == "vmclock")
        #expect(AttributeText.line(Array("/dev/süß\n".utf8), limit: 64) == "/dev/süß")
    }

    @Test(
        "nothing that is long, empty, more than a line, or does not print",
        arguments: [
            "", "\n", "a\n\n", "a\nb", "a\r\n", "123456789", "\u{1B}[31m", "a\u{0}", "a\tb", "\u{202E}abc", "\u{2028}",
            "\u{85}", "\u{E000}",
        ])
    func hostileLine(contents: String) {
        #expect(AttributeText.line(Array(contents.utf8), limit: 8) == nil)
    }

    @Test("nothing that is not UTF-8", arguments: [[0xFF], [0xC3], [0xED, 0xA0, 0x80], [0x61, 0xC0, 0x80]])
    func invalidEncoding(bytes: [UInt8]) {
        #expect(AttributeText.line(bytes, limit: 8) == nil)
    }

    @Test("numbers", arguments: [0, 7, UInt32.max])
    func number(value: UInt32) {
        #expect(AttributeText.number(String(value)) == value)
    }

    @Test(
        "no other spelling of a number",
        arguments: ["", "+7", "-0", "-7", "007", "7 ", " 7", "7.0", "0x7", "1e3", "4294967296", "٧", "7\u{308}"])
    func hostileNumber(text: String) {
        let value: UInt32? = AttributeText.number(text)
        #expect(value == nil)
    }

    @Test("a negative number is none, whatever it is for")
    func negativeNumber() {
        let value: Int? = AttributeText.number("-1")
        #expect(value == nil)
    }

    @Test("names")
    func words() {
        #expect(AttributeText.word("qemu-fw-cfg") == "qemu-fw-cfg")
        #expect(AttributeText.words("cuse fuse") == ["cuse", "fuse"])
        #expect(AttributeText.words("cuse,fuse") == ["cuse", "fuse"])
        #expect(AttributeText.words("fuse") == ["fuse"])
    }

    @Test("no other names", arguments: ["", " ", ",", "Fuse", "fu/se", "fuse;rm", "../fuse", "füse"])
    func hostileWords(text: String) {
        #expect(AttributeText.words(text) == nil)
    }
}
