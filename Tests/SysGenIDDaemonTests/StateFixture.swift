import SysGenIDCore
import SysGenIDDaemon
import SysGenIDSystem
import TestSupport

/// A runtime directory with a state file that can be opened again and again, and damaged in between.
struct StateFixture {
    let scratch: Scratch
    let directory: RuntimeDirectory
    let boot = BootID(text: Array("11111111-2222-3333-4444-555555555555\n".utf8))!

    init() throws {
        scratch = try Scratch()
        directory = try RuntimeDirectory(path: scratch.path("run"))
    }

    var path: String { directory.path(of: "state") }

    func open(_ boot: BootID? = nil) throws -> StateFile {
        try StateFile(in: directory, bootID: boot ?? self.boot)
    }

    /// The bytes of the state file.
    func bytes() throws -> [UInt8] { try Files.read(path) }

    /// Puts the bytes into the state file, in place.
    func overwrite(_ bytes: [UInt8]) throws {
        let file = try NamedFile(path, [.readWrite, .create, .truncate])
        try file.write(bytes, at: 0)
    }

    func publish(_ text: String) throws {
        try Files.replace(directory.path(of: "generation"), with: Array(text.utf8), permissions: 0o644)
    }

    static func record(_ generation: UInt32) -> Record {
        let identity = Identity(domain: Identity.Domain("file:/identity"), high: 7, low: UInt64(generation))
        return Record(generation: Generation(rawValue: generation), identities: [identity])
    }

    static let otherBoot = BootID(text: Array("99999999-2222-3333-4444-555555555555".utf8))!
}
