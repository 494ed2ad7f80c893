import SysGenIDBackends
import Testing

struct UUIDTextTests {
    static let bytes = (UInt8(0)...15).map { $0 << 4 | (15 - $0) }
    static let text = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"

    @Test(
        "forms of one UUID",
        arguments: [
            text, text.uppercased(), "0F1e2D3c-4B5a-6978-8796-A5b4C3d2E1f0", "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
            text + "\n", text + "\r\n", " \t\r\n" + text + " \t\r\n", "\n0F1E2D3C4B5A69788796A5B4C3D2E1F0\n\n",
        ])
    func forms(form: String) {
        #expect(UUIDText.parse(Array(form.utf8)) == Self.bytes)
    }

    @Test(
        "what is no UUID",
        arguments: [
            "", " ", "\n", "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f", text + "0", text + text, "{\(text)}",
            "urn:uuid:" + text,
            "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1fg", "0f1e2d3c4b5a69788796a5b4c3d2e1f",
            "0f1e2d3c4b5a69788796a5b4c3d2e1f0f",
            // Dashes at some of the places, at other places, and too many.
            "0f1e2d3c4b5a-6978-8796-a5b4c3d2e1f0", "0f1e2d3-c4b5a-6978-8796-a5b4c3d2e1f0",
            "-f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0", "0f1e2d3c--4b5a-6978-8796-a5b4c3d2e1f",
            "------------------------------------", "--------------------------------",
            // Signs, spaces and bytes that a careless conversion of numbers would take.
            "+f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0", "0f1e2d3c 4b5a 6978 8796 a5b4c3d2e1f0",
            "0x1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0", text + "\0", "\0" + text, text + " #",
            "０f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0", "\u{feff}" + text, text + "\u{00a0}",
        ])
    func garbage(text: String) {
        #expect(UUIDText.parse(Array(text.utf8)) == nil)
    }

    @Test func eachCharacterCounts() {
        for place in Self.text.utf8.indices {
            var characters = Array(Self.text.utf8)
            let offset = Self.text.utf8.distance(from: Self.text.utf8.startIndex, to: place)
            for byte in UInt8.min...UInt8.max where byte != characters[offset] {
                characters[offset] = byte
                let parsed = UUIDText.parse(characters)
                #expect(parsed != Self.bytes || characters.map(lowercased) == Array(Self.text.utf8))
            }
        }
    }

    private func lowercased(_ byte: UInt8) -> UInt8 {
        UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte ? byte + 32 : byte
    }
}
