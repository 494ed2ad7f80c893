import ArgumentParser
import SysGenID

struct TriggerCommand: ControlSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "trigger",
        abstract: "Change the generation, as a resume does.",
        discussion: """
            The new generation is the larger of the minimum and the current one plus 1; after 4294967295 comes 1. \
            Every watcher is outdated then. The generation that is printed is read after the change, so that it \
            is a later one where another change came at once.

            It takes CAP_CHECKPOINT_RESTORE or CAP_SYS_ADMIN in the user namespace of sysgenidd, or to own the \
            container with --container; without, the exit status is 4.
            """)

    @ParentCommand var root: ControlCommand
    @OptionGroup var options: GlobalOptions

    @Option(help: ArgumentHelp("The least new generation, 0 to 4294967295.", valueName: "generation"))
    var minimum: UInt32 = 0

    func perform() throws(CommandFailure) {
        let generation = try explaining { () throws(DeviceFailure) in
            try Overseer(path: devicePath).trigger(minimum: minimum)
        }
        try Output.print(GenerationReport(generation).line(asJSON: printsJSON))
    }
}
