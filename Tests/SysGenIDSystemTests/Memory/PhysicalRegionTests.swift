import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import SysGenIDSystem

/// A region of a file that takes the place of the machine's memory.
struct PhysicalRegionTests {
    static let length = 3 * 4_096

    let scratch: Scratch
    let path: String
    let memory: [UInt8]

    init() throws {
        scratch = try Scratch()
        path = scratch.path("mem")
        var random = SeededGenerator(seed: 9)
        memory = (0..<Self.length).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        try Files.replace(path, with: memory, permissions: 0o600)
    }

    private func write(_ bytes: [UInt8], at offset: Int) throws {
        try NamedFile(path, .writeOnly).write(bytes, at: Int64(offset))
    }

    @Test func theBytesAreThoseAtTheAddress() throws {
        for start in [0, 1, 2, 3, 4, 7, 0x28, 4_080, 4_081, 4_090, 4_095, 4_096, 8_000] {
            for size in [1, 2, 3, 4, 5, 15, 16, 17, 63, 64, 112, 120] {
                let region = try PhysicalMemory(path).region(at: UInt64(start), size: size)
                #expect(try region.read() == Array(memory[start..<start + size]), "\(size) bytes at \(start)")
            }
        }
    }

    @Test func theRegionMayEndWithTheFile() throws {
        let region = try PhysicalMemory(path).region(at: UInt64(Self.length) - 16, size: 16)
        #expect(try region.read() == Array(memory.suffix(16)))
    }

    @Test func aChangeIsSeenAtOnce() throws {
        let region = try PhysicalMemory(path).region(at: 4_090, size: 16)
        for byte: UInt8 in 0...50 {
            let bytes = [UInt8](repeating: byte, count: 16)
            try write(bytes, at: 4_090)
            #expect(try region.read() == bytes)
        }
    }

    @Test func theMappingOutlivesTheName() throws {
        let region = try PhysicalMemory(path).region(at: 64, size: 16)
        try Files.remove(path)
        #expect(try region.read() == Array(memory[64..<80]))
    }

    @Test func aRegionBehindTheEndIsRefused() throws {
        for start in [Self.length - 15, Self.length, 1 << 40] {
            #expect(throws: SystemCallFailure("mmap", path, .noSuchAddressOrDevice)) {
                try PhysicalMemory(path).region(at: UInt64(start), size: 16)
            }
        }
    }

    @Test func aFileThatBecomesShorterIsAFailure() throws {
        let region = try PhysicalMemory(path).region(at: 8_192, size: 16)
        try NamedFile(path, .writeOnly).setLength(4_096)
        #expect(throws: SystemCallFailure("mmap", path, .noSuchAddressOrDevice)) { try region.read() }
        try NamedFile(path, .writeOnly).setLength(Int64(Self.length))
        #expect(try region.read() == [UInt8](repeating: 0, count: 16))
    }

    @Test func sizesAndAddressesThatNoRegionHas() throws {
        for size in [Int.min, -1, 0, PhysicalRegion.sizeLimit + 1, .max] {
            #expect(throws: SystemCallFailure("mmap", path, .invalidArgument)) {
                try PhysicalMemory(path).region(at: 0, size: size)
            }
        }
        for address in [UInt64.max, UInt64(Int64.max), UInt64(Int64.max) - 15, 1 << 63] {
            #expect(throws: SystemCallFailure("mmap", path, .invalidArgument)) {
                try PhysicalMemory(path).region(at: address, size: 16)
            }
        }
    }

    @Test func whatCannotBeMappedIsRefused() throws {
        #expect(throws: SystemCallFailure("open", scratch.path("none"), .noSuchFileOrDirectory)) {
            try PhysicalMemory(scratch.path("none")).region(at: 0, size: 16)
        }
        #expect(throws: SystemCallFailure("mmap", scratch.path, .operationNotSupportedByDevice)) {
            try PhysicalMemory(scratch.path).region(at: 0, size: 16)
        }
        mkfifo(scratch.path("pipe"), 0o600)
        #expect(throws: SystemCallFailure.self) { try PhysicalMemory(scratch.path("pipe")).region(at: 0, size: 16) }
    }

    @Test func aReadingIsReturnedWhenItWasSeenTwice() {
        var readings: [[UInt8]] = [[1], [2], [3], [3], [4]]
        #expect(PhysicalRegion.agreed(tries: 5) { readings.removeFirst() } == [3])
        #expect(readings == [[4]])
    }

    @Test func readingsThatNeverAgreeEnd() {
        var count: UInt8 = 0
        let agreed = PhysicalRegion.agreed(tries: 16) {
            count += 1
            return [count]
        }
        #expect(agreed == nil)
        #expect(count == 16)
    }

    /// A daemon that has given up the privilege to open the memory maps what it finds later.
    @Test func theMemoryIsOpenedOnce() throws {
        let opened = PhysicalMemory(path)
        try Files.remove(path)
        #expect(try opened.region(at: 64, size: 16).read() == Array(memory[64..<80]))
    }
}
