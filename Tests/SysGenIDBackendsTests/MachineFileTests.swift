import Foundation
import SysGenIDSystem
import Testing

@testable import SysGenIDBackends

/// The machines of `Fixtures/machines`, some recorded and some made up: does each give an identity, and if not, why?
struct MachineFileTests {
    @Test(arguments: MachineFile.names)
    func eachMachineGivesItsIdentityOrTheReason(name: String) throws {
        let file = try MachineFile(name)
        let machine = try file.machine()
        let candidate = try #require(
            HardwareSources(systemRoot: machine.root).all.first { $0.name == file.backend })
        do throws(SourceFailure) {
            _ = try candidate.open().identity()
            #expect(file.expect == "yes")
        } catch {
            let reason = error.description.replacing(machine.root, with: "")
            #expect(!reason.contains("\n"))
            let (answer, word) = (file.expect.prefix(2), file.expect.dropFirst(3))
            #expect(answer == "no" && (word.isEmpty || reason.contains(word)), "\(reason)")
        }
    }

    @Test func thereAreMachines() {
        #expect(MachineFile.names.count >= 83)
    }
}

/// A machine in one file.
struct MachineFile: Decodable {
    /// Why the machine's backend can be used or not: "yes", or "no" and words of the reason.
    let expect: String
    let backend: String
    /// Below the machine's root.
    private let files: [String: Contents]
    private let directories: [String]?
    private let links: [String: String]?
    private let memory: Memory?

    private struct Contents: Decodable {
        let text: String?
        let hex: String?
    }

    private struct Memory: Decodable {
        let size: UInt64
        /// What is not zero in it.
        let bytes: [Piece]
    }

    /// An address and, in hexadecimal digits, the bytes from there on.
    private struct Piece: Decodable {
        let address: UInt64
        let bytes: String

        init(from decoder: any Decoder) throws {
            var pair = try decoder.unkeyedContainer()
            address = try pair.decode(UInt64.self)
            bytes = try pair.decode(String.self)
        }
    }

    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "Fixtures/machines")

    static let names: [String] = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
        .filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }.sorted()

    init(_ name: String) throws {
        let contents = try Data(contentsOf: Self.folder.appending(path: "\(name).json"))
        self = try JSONDecoder().decode(Self.self, from: contents)
    }

    /// Writes the machine's files into a folder of their own.
    func machine() throws -> ReplayedMachine {
        // A file in memory may be as long as an address space, whatever is a hole in it.
        let machine = try ReplayedMachine(in: memory == nil ? "/tmp" : "/dev/shm")
        for (path, contents) in files {
            try machine.write(path, contents.text.map { Array($0.utf8) } ?? Self.bytes(contents.hex ?? ""))
        }
        for path in directories ?? [] {
            try Files.makeDirectories(machine.scratch.path(path), permissions: 0o755)
        }
        for (path, target) in links ?? [:] {
            let link = URL(filePath: machine.scratch.path(path))
            try FileManager.default.createDirectory(
                at: link.deletingLastPathComponent(), withIntermediateDirectories: true)
            try FileManager.default.createSymbolicLink(atPath: link.path, withDestinationPath: target)
        }
        guard let memory else { return machine }
        try machine.write("dev/mem", [])
        let file = try NamedFile(machine.scratch.path("dev/mem"), .readWrite)
        try file.setLength(Int64(memory.size))
        for piece in memory.bytes { try file.write(Self.bytes(piece.bytes), at: Int64(piece.address)) }
        return machine
    }

    private static func bytes(_ digits: String) -> [UInt8] {
        let values = digits.utf8.compactMap(hexadecimalDigit)
        return stride(from: 0, to: values.count - 1, by: 2).map { values[$0] << 4 | values[$0 + 1] }
    }
}
