import ArgumentParser
import SysGenIDJSON

struct QuiesceCommand: OverseerSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "quiesce",
        abstract: "Have this system, or another one, prepare for a snapshot.",
        discussion: """
            Has sysgenid-overseerd run the hooks of the phase quiesce. What they stop goes on after the next change: in the \
            original, which nothing resumes, after sysgenidctl trigger. It takes root, or the host of the machine.
            """)

    @ParentCommand var root: ControlCommand
    @OptionGroup var options: GlobalOptions

    @Option(
        help: ArgumentHelp(
            "How long the hooks may take, in milliseconds, up to 3600000. (default: as long as the overseer allows)",
            valueName: "ms"))
    var timeout: UInt32?

    func validate() throws {
        try Self.checkTimeout(timeout)
    }

    func perform() throws(CommandFailure) {
        let call = OverseerCall(
            address: address, method: "Quiesce", parameters: .object(["deadline": Self.parameter(timeout)]),
            timeout: timeout, isRepeatable: false)
        let report = QuietReport(quiet: try call.result(as: Quiet.self))
        try Output.print(printsReportAsJSON ? report.json.text : report.text)
    }
}
