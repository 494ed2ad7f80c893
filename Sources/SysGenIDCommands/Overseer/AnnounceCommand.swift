import ArgumentParser
import FoundationEssentials
import SysGenIDJSON
import SysGenIDSystem

struct AnnounceCommand: OverseerSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "announce",
        abstract: "Tell a system that it was resumed, and wait until it is ready.",
        discussion: """
            For hosts whose hypervisor has no device that says so. The identity is of one resume of one machine: the same one \
            again is the same resume, however often it is told, and one that a backend of the machine has seen, too, is one \
            change. The entropy must be given to no other machine. It takes root, or the host of the machine.

            Prints what ready prints, and fails as it does.
            """)

    @ParentCommand var root: ControlCommand
    @OptionGroup var options: GlobalOptions

    @Option(help: ArgumentHelp("What names the resume: 1 to 128 printable characters of ASCII.", valueName: "id"))
    var identity: String

    @Option(help: ArgumentHelp("Give it so many fresh random bytes, 1 to 512.", valueName: "bytes"))
    var entropy: Int?

    @Option(help: ArgumentHelp("Give it the fresh random bytes in a file, 1 to 512.", valueName: "path"))
    var entropyFile: String?

    @Option(help: ArgumentHelp("The least new generation, 0 to 4294967295.", valueName: "generation"))
    var minimum: UInt32?

    @Option(
        help: ArgumentHelp(
            "How long to wait, in milliseconds, up to 3600000. (default: as long as the overseer does)", valueName: "ms"
        ))
    var timeout: UInt32?

    private static let entropyRange = 1...512

    func validate() throws {
        try Self.checkTimeout(timeout)
        guard (1...128).contains(identity.utf8.count), identity.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
            throw ValidationError("--identity has 1 to 128 printable characters of ASCII.")
        }
        guard entropy == nil || entropyFile == nil else {
            throw ValidationError("--entropy and --entropy-file cannot be used together.")
        }
        guard entropy.map({ Self.entropyRange.contains($0) }) ?? true else {
            throw ValidationError("--entropy is 1 to 512 bytes.")
        }
    }

    func perform() throws(CommandFailure) {
        let call = OverseerCall(
            address: address, method: "Changed",
            parameters: .object([
                "identity": .string(identity), "entropy": .orNull(try freshBytes(), Self.base64),
                "minimum": Self.parameter(minimum), "deadline": Self.parameter(timeout),
            ]),
            timeout: timeout, isRepeatable: true)
        let report = ProofReport(proof: try call.result(as: ProofAnswer.self).proof)
        try Output.print(printsReportAsJSON ? report.json.text : report.text)
    }

    private static func base64(_ bytes: [UInt8]) -> JSON { .string(Data(bytes).base64EncodedString()) }

    private func freshBytes() throws(CommandFailure) -> [UInt8]? {
        if let entropyFile { return try Self.contents(of: entropyFile) }
        // From the kernel, by getrandom(2).
        var generator = SystemRandomNumberGenerator()
        return entropy.map { count in (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) } }
    }

    private static func contents(of path: String) throws(CommandFailure) -> [UInt8] {
        let bytes: [UInt8]
        do {
            bytes = try Files.read(path, limit: entropyRange.upperBound)
        } catch {
            throw CommandFailure(
                event: "cannot read \(path): \(error.errno)", advice: "give a file of 1 to 512 random bytes")
        }
        guard entropyRange.contains(bytes.count) else {
            throw CommandFailure(event: "\(path) is empty", advice: "give a file of 1 to 512 random bytes")
        }
        return bytes
    }
}
