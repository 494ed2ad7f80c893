import SysGenIDBackends
import TestSupport
import Testing

struct IdentityFileTests {
    private func outcome(_ contents: [UInt8]) -> Result<[UInt8], IdentityFile.Defect> {
        do throws(IdentityFile.Defect) { return .success(try IdentityFile.parse(contents)) } catch {
            return .failure(error)
        }
    }

    @Test func sixteenBytesAreRawWhateverTheyAre() {
        for raw in [Array(UInt8(0)...15), Array("0f1e2d3c4b5a6978".utf8), [UInt8](repeating: 0x0a, count: 16)] {
            #expect(outcome(raw) == .success(raw))
        }
    }

    @Test func textIsTakenInTheOrderInWhichItIsWritten() {
        let text = "00112233-4455-6677-8899-AABBCCDDEEFF\n"
        #expect(outcome(Array(text.utf8)) == .success((UInt8(0)...15).map { $0 * 0x11 }))
    }

    @Test(arguments: [1, 15, 17, 32, 36, 37, 256])
    func bytesOfAnotherLengthAreNeither(count: Int) {
        #expect(outcome([UInt8](repeating: 0xaa, count: count)) == .failure(.neitherRawNorUUID))
    }

    @Test func theLengthIsLimited() {
        let text = Array("00112233-4455-6677-8899-AABBCCDDEEFF".utf8)
        let padding = [UInt8](repeating: 0x20, count: IdentityFile.sizeLimit - text.count)
        #expect(outcome([]) == .failure(.empty))
        #expect(outcome(text + padding) == .success((UInt8(0)...15).map { $0 * 0x11 }))
        #expect(outcome(text + padding + [0x20]) == .failure(.tooLong))
        #expect(outcome([UInt8](repeating: 0, count: 1 << 20)) == .failure(.tooLong))
    }

    @Test func randomBytesAreNeverTakenForAnIdentityUnlessTheyAreRaw() {
        var random = SeededGenerator(seed: 16)
        for round in 0..<20_000 {
            let contents = (0..<Int.random(in: 0...300, using: &random)).map { _ in
                UInt8(truncatingIfNeeded: random.next())
            }
            let isRaw = contents.count == 16
            #expect((try? IdentityFile.parse(contents)) == (isRaw ? contents : nil), "round \(round)")
        }
    }

    @Test func randomTextOfTheRightCharactersIsParsedAsWritten() throws {
        var random = SeededGenerator(seed: 36)
        let alphabet = Array("0123456789abcdefABCDEF- \n".utf8)
        var parsedCount = 0
        for round in 0..<20_000 {
            let bytes = (0..<16).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            var text = Array(hexadecimal(bytes, isUpperCase: Bool.random(using: &random)).utf8)
            #expect(try IdentityFile.parse(text) == bytes, "round \(round)")
            // One damaged place: another identity that differs in that digit alone, or none.
            let place = Int.random(in: text.indices, using: &random)
            text[place] = alphabet.randomElement(using: &random)!
            guard let damaged = try? IdentityFile.parse(text) else { continue }
            parsedCount += 1
            #expect(zip(damaged, bytes).filter { $0 != $1 }.count <= 1, "round \(round)")
        }
        #expect(parsedCount > 10_000)
    }

    private func hexadecimal(_ bytes: [UInt8], isUpperCase: Bool) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: isUpperCase) }.joined()
    }
}
