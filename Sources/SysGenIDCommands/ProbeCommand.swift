import ArgumentParser
import SysGenID
import SysGenIDSystem

struct ProbeCommand: ControlSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "probe",
        abstract: "Map the device and print the generation that is in its page.",
        discussion: """
            This is how programs notice a change without a system call; some consider a device that cannot be \
            mapped broken. Where it cannot be mapped, the exit status is 1.

            Where the hypervisor's own page can be mapped as well (/dev/vmclock0, with a generation counter), the JSON has \
            its counter, and on a terminal it is in a second line.
            """)

    @ParentCommand var root: ControlCommand
    @OptionGroup var options: GlobalOptions

    func perform() throws(CommandFailure) {
        let probe = try explaining { () throws(DeviceFailure) in
            try GenerationProbe(path: devicePath, acceptsPublishedPage: false)
        }
        let report = ProbeReport(probe.withClock())
        if printsJSON {
            try Output.print(report.json.text)
        } else {
            for line in report.lines(onTerminal: StandardStream.output.isTerminal) { try Output.print(line) }
        }
    }
}
