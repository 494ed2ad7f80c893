import SystemPackage
import Testing

@testable import SysGenIDSystem

/// What is put together for the kernel's random pool.
struct EntropyMixtureTests {
    /// What a use of the mixture sees.
    private static func used(_ mixture: inout EntropyMixture) -> [UInt8] {
        var seen: [UInt8] = []
        mixture.use { seen = Array($0) }
        return seen
    }

    private static func add(_ bytes: [UInt8], to mixture: inout EntropyMixture) {
        bytes.withUnsafeBytes { mixture.add($0) }
    }

    @Test func theBytesComeInTheirOrderAndOnce() {
        var mixture = EntropyMixture()
        Self.add([1, 2], to: &mixture)
        Self.add([], to: &mixture)
        Self.add([3], to: &mixture)
        #expect(Self.used(&mixture) == [1, 2, 3])
        #expect(Self.used(&mixture) == [])
        Self.add([4], to: &mixture)
        #expect(Self.used(&mixture) == [4])
    }

    @Test func whatThePoolDoesNotTakeIsLeftOut() {
        var mixture = EntropyMixture()
        Self.add(Array(0...199), to: &mixture)
        Self.add(Array(0...199), to: &mixture)
        #expect(Self.used(&mixture) == Array(0...199) + Array(0...55))
    }

    @Test func nothingIsLeftBehind() {
        var mixture = EntropyMixture()
        Self.add([7, 8, 9], to: &mixture)
        var place: UnsafeRawBufferPointer?
        mixture.use { place = $0 }
        // The same memory, as long as the mixture lives.
        mixture.use { #expect($0.baseAddress == place?.baseAddress) }
        #expect(place.map(Array.init) == [0, 0, 0])
        Self.add([1], to: &mixture)
    }

    @Test func aUseThatFailsLeavesNothingEither() {
        var mixture = EntropyMixture()
        Self.add([7, 8, 9], to: &mixture)
        do throws(SystemCallFailure) {
            try mixture.use { _ throws(SystemCallFailure) in
                throw SystemCallFailure("RNDADDENTROPY", "/dev/urandom", .notPermitted)
            }
            Issue.record("the failure is lost")
        } catch {
            #expect(error.errno == .notPermitted)
        }
        #expect(Self.used(&mixture) == [])
    }
}
