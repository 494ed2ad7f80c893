import Glibc
import Synchronization
import TestSupport
import Testing

@testable import SysGenIDSystem

/// How the bytes are waited for.
struct HostEntropyReaderTests {
    /// A time that no test takes.
    private static let ever: UInt64 = 3_600_000_000_000
    private static let short: UInt64 = 20_000_000

    private final class Counter: Sendable {
        let count = Atomic(0)
    }

    private func withReader(of device: String, _ body: (HostEntropyReader) throws -> Void) throws {
        let scratch = try Scratch()
        try Files.makeDirectories(scratch.path("dev"), permissions: 0o700)
        symlink(device, scratch.path("dev/hwrng"))
        let reader = try HostEntropyReader(HostEntropy(systemRoot: scratch.path))
        defer { reader.stop() }
        try body(reader)
    }

    @Test func aDeviceThatAnswersIsReadAnewEachTime() throws {
        try withReader(of: "/dev/urandom") { reader in
            let readings = try (1...20).map { _ in try reader.bytes(within: Self.ever).get() }
            #expect(Set(readings).count == 20)
            #expect(readings.allSatisfy { $0.count == HostEntropy.count })
        }
    }

    @Test func whyThereAreNoneIsSaidAtOnce() throws {
        try withReader(of: "/nowhere/at/all") { reader in
            #expect(throws: HostEntropyMissing.self) { try reader.bytes(within: Self.ever).get() }
        }
    }

    /// Where there is no device, the thread is not asked, and so nobody waits for it.
    @Test func whereThereIsNoDeviceNobodyIsAsked() throws {
        let scratch = try Scratch()
        try Files.makeDirectories(scratch.path("dev"), permissions: 0o700)
        let path = scratch.path("dev/hwrng")
        let source = HostEntropy(systemRoot: scratch.path)
        let readings = Counter()
        let reader = try HostEntropyReader(path: path) {
            source.absence
        } reading: { _ in
            readings.count.add(1, ordering: .relaxed)
            return .success([1])
        }
        defer { reader.stop() }
        // As long as nobody has looked, there may be one.
        #expect(try reader.bytes(within: Self.ever).get() == [1])
        reader.lookForDevice()
        for _ in 1...3 {
            #expect(reader.bytes(within: Self.ever) == .failure(HostEntropyMissing("\(path) is missing")))
        }
        #expect(readings.count.load(ordering: .relaxed) == 1)
        // It may come later, and go.
        symlink("/dev/urandom", path)
        reader.lookForDevice()
        #expect(try reader.bytes(within: Self.ever).get() == [1])
        unlink(path)
        reader.lookForDevice()
        #expect(throws: HostEntropyMissing.self) { try reader.bytes(within: Self.ever).get() }
        #expect(readings.count.load(ordering: .relaxed) == 2)
    }

    @Test func aDeviceThatHangsIsNotWaitedFor() throws {
        let device = try SilentDevice()
        try withReader(of: device.path) { reader in
            for _ in 1...5 {
                guard case .failure(let missing) = reader.bytes(within: Self.short) else {
                    Issue.record("a device that says nothing has given bytes")
                    return
                }
                #expect(missing.description.hasSuffix("/dev/hwrng was too slow"))
            }
        }
    }

    @Test func whatComesInPartsIsPutTogether() throws {
        let device = try SilentDevice()
        try withReader(of: device.path) { reader in
            device.give(7, count: 100)
            let giving = try Thread(named: "giving") {
                MonotonicClock.sleep(milliseconds: 20)
                device.give(8, count: 60)
            }
            let expected = [UInt8](repeating: 7, count: 100) + [UInt8](repeating: 8, count: 60)
            #expect(try reader.bytes(within: Self.ever).get() == expected)
            giving.join()
        }
    }

    /// One that the reader was held by when the system was snapshotted, say.
    @Test func aReadingThatBeganBeforeTheQuestionIsNoAnswer() throws {
        let device = try SilentDevice()
        let scratch = try Scratch()
        try Files.makeDirectories(scratch.path("dev"), permissions: 0o700)
        symlink(device.path, scratch.path("dev/hwrng"))
        let source = HostEntropy(systemRoot: scratch.path)
        let begun = Counter()
        let reader = try HostEntropyReader(path: source.path) { isWanted in
            begun.count.add(1, ordering: .relaxed)
            return source.read(while: isWanted)
        }
        defer { reader.stop() }
        // On a busy machine it may come to a question too late to begin.
        while begun.count.load(ordering: .relaxed) == 0 {
            #expect(throws: HostEntropyMissing.self) { try reader.bytes(within: Self.short).get() }
        }
        let giving = try Thread(named: "giving") {
            device.give(7, count: 1)
            while begun.count.load(ordering: .relaxed) < 2 { MonotonicClock.sleep(milliseconds: 1) }
            device.give(8, count: HostEntropy.count)
        }
        #expect(try reader.bytes(within: Self.ever).get() == [UInt8](repeating: 8, count: HostEntropy.count))
        giving.join()
    }

    @Test func thereIsOneReadingAtATimeHoweverOftenItIsAsked() throws {
        let device = try SilentDevice()
        let hung = try NamedFile(device.path, .readOnly)
        let readings = Counter()
        let reader = try HostEntropyReader(path: "a device") { _ in
            readings.count.add(1, ordering: .relaxed)
            _ = try? hung.read(upTo: 1)
            return .success([1])
        }
        for _ in 1...10 { #expect(throws: HostEntropyMissing.self) { try reader.bytes(within: Self.short).get() } }
        #expect(readings.count.load(ordering: .relaxed) <= 1)
        // It gets on as soon as the device does.
        device.give(1, count: 2)
        #expect(try reader.bytes(within: Self.ever).get() == [1])
        reader.stop()
    }

    @Test func oneThatIsHeldHoldsUpNoEnd() throws {
        let device = try SilentDevice()
        try withReader(of: device.path) { reader in
            #expect(throws: HostEntropyMissing.self) { try reader.bytes(within: Self.short).get() }
        }
    }
}
