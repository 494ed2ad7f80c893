import Glibc
import TestSupport
import Testing

@testable import SysGenIDSystem

/// What is read of a device in a folder that takes the place of the machine's root.
struct HostEntropyTests {
    private let scratch: Scratch
    private var source: HostEntropy { HostEntropy(systemRoot: scratch.path) }

    init() throws {
        scratch = try Scratch()
        try Files.makeDirectories(scratch.path("dev"), permissions: 0o700)
        try Files.makeDirectories(scratch.path("sys/class/misc/hw_random"), permissions: 0o700)
    }

    private func read() -> Result<[UInt8], HostEntropyMissing> { source.read { true } }

    private func reason() -> String? {
        guard case .failure(let missing) = read() else { return nil }
        return missing.description.replacing(source.path, with: "it")
    }

    @Test func thereAreEnoughToHaveFreshOnesAmongThem() throws {
        symlink("/dev/urandom", source.path)
        let (first, second) = (try read().get(), try read().get())
        #expect(first.count == HostEntropy.staleLimit + 32)
        #expect(first != second)
        #expect(Set(first.suffix(32)).count > 1)
        #expect(HostEntropy.freshBits == 256)
    }

    @Test func thereMayBeNone() throws {
        #expect(reason() == "it is missing")
        symlink("/dev/null", source.path)
        #expect(reason() == "it has come to its end")
    }

    @Test(arguments: [S_IFREG, S_IFIFO]) func whatIsNoDeviceIsNotEvenOpened(_ kind: mode_t) throws {
        try #require(mknod(source.path, kind | 0o600, 0) == 0)
        #expect(reason() == "it is no device")
    }

    @Test func whatIsNotWantedAnyLongerIsNotReadOn() throws {
        symlink("/dev/urandom", source.path)
        #expect(throws: HostEntropyMissing("\(source.path) was too slow")) { try source.read { false }.get() }
    }

    @Test(arguments: [("virtio_rng.0\n", "virtio_rng.0"), ("none\n", nil), ("", nil)] as [(String, String?)])
    func theKernelNamesTheGenerator(_ contents: String, _ name: String?) throws {
        #expect(source.generator == nil)
        try Files.replace(
            scratch.path("sys/class/misc/hw_random/rng_current"), with: Array(contents.utf8), permissions: 0o600)
        #expect(source.generator == name)
    }

    @Test func bytesAreWiped() {
        var bytes: [UInt8] = [1, 2, 3]
        bytes.wipe()
        #expect(bytes == [0, 0, 0])
        var none: [UInt8] = []
        none.wipe()
    }
}
