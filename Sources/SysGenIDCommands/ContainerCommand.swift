import ArgumentParser
import SysGenID

struct ContainerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "container",
        abstract: "Make, remove and list the devices that containers have of their own.",
        discussion: """
            A container, a pod or any group of programs can have a device with its own generation and watchers. It \
            is made for a name, mounted to /dev/sysgenid of the container, and used here by --container, as in \
            sysgenidctl --container web trigger.
            """,
        subcommands: [AddCommand.self, RemoveCommand.self, ListCommand.self, HookCommand.self])
}

/// A subcommand that is about the containers' devices themselves, and not about what one of them shows.
protocol ContainerSubcommand: ControlSubcommand {}

extension ContainerSubcommand {
    func checkTarget() throws(ValidationError) {
        guard device == nil, container == nil else {
            throw ValidationError("--device and --container are for what a device shows, and not used here.")
        }
        guard host == nil, socket == nil else { throw .onlyForOverseer }
    }
}

struct AddCommand: ContainerSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Make the device of a container.",
        discussion: """
            It takes root in the user namespace of sysgenidd; without, the exit status is 4. Where anything of it \
            fails, there is no device.
            """)

    @ParentCommand var root: ControlCommand
    @OptionGroup var options: GlobalOptions

    @Argument(help: "The name: \(ContainerName.rule).", transform: ContainerName.parsed)
    var name: ContainerName

    @Option(
        help: ArgumentHelp(
            "Who may trigger it, by numbers as in 1000:1000. (default: who makes it)", valueName: "uid[:gid]"))
    var owner: ContainerOwner?

    @Option(
        help: ArgumentHelp("The first generation, 0 to 4294967295. (default: 0)", valueName: "generation"))
    var minimum: UInt32?

    func perform() throws(CommandFailure) {
        try explaining { () throws(ContainerFailure) in
            try ContainerDevices().make(name, owner: owner, minimum: minimum)
        }
    }
}

struct RemoveCommand: ContainerSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Take the device of a container away.",
        discussion: """
            Programs that have it open, mapped or mounted keep it, and it goes on changing with the system until the \
            last one has let it go. It takes root in the user namespace of sysgenidd; without, the exit status is 4.
            """)

    @ParentCommand var root: ControlCommand
    @OptionGroup var options: GlobalOptions

    @Argument(help: "The name of the container.", transform: ContainerName.parsed)
    var name: ContainerName

    func perform() throws(CommandFailure) {
        try explaining { () throws(ContainerFailure) in try ContainerDevices().remove(name) }
    }
}

struct ListCommand: ContainerSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Print a line for each container that has a device: name, generation, owner.",
        discussion: """
            The owner is the number of a user and that of a group, as in 1000:1000. Each device is opened for a \
            moment, so that its minimum can no longer be set.
            """)

    @ParentCommand var root: ControlCommand
    @OptionGroup var options: GlobalOptions

    func perform() throws(CommandFailure) {
        let entries = try explaining { () throws(ContainerFailure) in try ContainerDevices().list() }
        for entry in entries { try Output.print(ContainerReport(entry).line(asJSON: printsJSON)) }
    }
}
