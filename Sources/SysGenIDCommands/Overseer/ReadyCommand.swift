import ArgumentParser
import SysGenIDJSON

struct ReadyCommand: OverseerSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "ready",
        abstract: "Wait until this system, or another one, may be let in after a change; say what proves it.",
        discussion: """
            Asks sysgenid-overseerd. A system is ready when the kernel's random pool was reseeded, the hooks of the change \
            are done, and no tracked watcher is outdated. When the time is over, the exit status is 3; where a hook or a \
            program has failed the change, 1, and the line on the standard error names it.

            With --host a connection that cannot be made, or is lost, is tried again as long as --timeout allows.
            """)

    @ParentCommand var root: ControlCommand
    @OptionGroup var options: GlobalOptions

    @Option(
        help: ArgumentHelp(
            "How long to wait, in milliseconds, up to 3600000. (default: as long as the overseer does)", valueName: "ms"
        ))
    var timeout: UInt32?

    @Option(help: ArgumentHelp("The least generation to wait for. (default: the current one)", valueName: "generation"))
    var generation: UInt32?

    func validate() throws {
        try Self.checkTimeout(timeout)
    }

    func perform() throws(CommandFailure) {
        let call = OverseerCall(
            address: address, method: "WaitReady",
            parameters: .object(["generation": Self.parameter(generation), "deadline": Self.parameter(timeout)]),
            timeout: timeout, isRepeatable: true)
        let report = ProofReport(proof: try call.result(as: ProofAnswer.self).proof)
        try Output.print(printsReportAsJSON ? report.json.text : report.text)
    }
}

/// What `WaitReady` and `Changed` return.
struct ProofAnswer: Decodable {
    var proof: Proof
}
