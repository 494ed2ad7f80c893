import ArgumentParser
import SysGenID

struct ProbeCommand: ControlSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "probe",
        abstract: "Map the device and print the generation that is in its page.",
        discussion: """
            This is how programs notice a change without a system call; some consider a device that cannot be \
            mapped broken. Where it cannot be mapped, the exit status is 1.
            """)

    @ParentCommand var root: ControlCommand
    @OptionGroup var options: GlobalOptions

    func perform() throws(CommandFailure) {
        let probe = try explaining { () throws(DeviceFailure) in
            try GenerationProbe(path: devicePath, acceptsPublishedPage: false)
        }
        try Output.print(GenerationReport(probe.load()).line(asJSON: printsJSON))
    }
}
