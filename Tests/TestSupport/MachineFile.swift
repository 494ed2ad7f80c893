import Foundation
import SysGenIDSystem

/// A machine in one file.
public struct MachineFile: Decodable {
    /// Why the machine's backend can be used or not: "yes", or "no" and words of the reason.
    public let expect: String
    public let backend: String
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

    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "SysGenIDBackendsTests/Fixtures/machines")

    public static let names: [String] = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
        .filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }.sorted()

    public init(_ name: String) throws {
        let contents = try Data(contentsOf: Self.folder.appending(path: "\(name).json"))
        self = try JSONDecoder().decode(Self.self, from: contents)
    }

    /// Writes the machine's files into a folder of their own.
    public func machine() throws -> ReplayedMachine {
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
        let values = digits.compactMap(\.hexDigitValue).map(UInt8.init)
        return stride(from: 0, to: values.count - 1, by: 2).map { values[$0] << 4 | values[$0 + 1] }
    }
}
