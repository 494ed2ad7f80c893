import ArgumentParser
import SysGenID
import SysGenIDSystem

struct RunCommand: ControlSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run a program that knows nothing of the device, and signal or restart it at each change.",
        discussion: """
            At each change the program gets a signal, by which many reload what they have, or with --restart is ended \
            by SIGTERM and started again. Overseers wait for that: the change is acknowledged once the signal is sent, \
            or once the program is started anew. A program that is only signalled may still be at work then.

            A signal that would end or stop the program, since it has no handler for it, is told of, and is sent as \
            soon as there is one. Until then the change is not acknowledged. With --force it is sent as it is.

            The signals HUP, INT, QUIT, TERM, USR1, USR2, ALRM and WINCH that this command gets are the program's. \
            When the program ends by itself, so does this, with its exit status, or 128 and the number of the signal \
            that ended it; 126 where it could not be started, and 127 where it was not found. When the daemon ends, \
            the program runs on, and this waits for the next daemon. Where no change can be told any more, the program \
            is ended.

            It takes the permission to write to the device; without, the exit status is 4, and nothing is started.
            """)

    @ParentCommand var root: ControlCommand
    @OptionGroup var options: GlobalOptions

    @Option(help: ArgumentHelp("The signal of a change, by its name or number.", valueName: "name"))
    var signal: Signal = .hangUp

    @Flag(help: "Send the signal also where it ends the program.")
    var force = false

    @Flag(help: "End the program and start it again, instead.")
    var restart = false

    @Option(
        help: ArgumentHelp(
            "How long a program may take to end before it is killed, in milliseconds.", valueName: "ms"))
    var grace: UInt32 = 5_000

    @Argument(parsing: .postTerminator, help: "The program and its arguments, after --.")
    var command: [String] = []

    func validate() throws {
        if command.isEmpty { throw ValidationError("There is no program to run: write it after --.") }
        guard restart || force || ![.kill, .stop].contains(signal) else {
            throw ValidationError(
                "No program can take the signal \(signal): use --restart, or --force to send it all the same.")
        }
    }

    func perform() throws(CommandFailure) {
        let watcher = try explaining { () throws(DeviceFailure) in
            try GenerationWatcher(path: devicePath, access: .readWrite, isTracked: true)
        }
        let reaction: Supervision.Reaction = restart ? .restart : force ? .force(signal) : .send(signal)
        var supervisor = try Supervisor.start(command, reaction, grace: grace, watcher: watcher)
        ControlCommand.exit(withError: ExitCode(try supervisor.run()))
    }
}

extension Signal: ExpressibleByArgument {
    public init?(argument: String) {
        self.init(argument)
    }

    public var defaultValueDescription: String { description }
}
