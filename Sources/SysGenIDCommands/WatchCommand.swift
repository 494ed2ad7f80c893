import ArgumentParser
import FoundationEssentials
import SysGenID

struct WatchCommand: ControlSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Print a line for each change of the generation, and acknowledge it.",
        discussion: """
            A line has the time in UTC and the new generation. It is written out before the change is \
            acknowledged. Changes that follow each other faster than they are read are one line, with the last \
            of their generations.

            Acknowledging takes the permission to write to the device. Without it the device is opened again \
            after each change, since a new watcher is up to date; it is opened before the old one is read and \
            closed, so that no change is missed.

            It runs until the count is reached or a signal ends it, by the signal's own default: every line is \
            complete by then, and there is nothing to put in order. When the daemon ends, this waits for the next \
            one, and prints a line if the generation is another one by then.
            """)

    @ParentCommand var root: ControlCommand
    @OptionGroup var options: GlobalOptions

    @Option(help: ArgumentHelp("Stop after so many changes, 1 or more. (default: never)", valueName: "changes"))
    var count: Int?

    func validate() throws {
        if let count, count < 1 { throw ValidationError("--count must be 1 or more.") }
    }

    func perform() throws(CommandFailure) {
        let watcher = try explaining { () throws(DeviceFailure) in try GenerationWatcher(path: devicePath) }
        var seen = 0
        while seen != count {
            let change = try explaining { () throws(DeviceFailure) in try watcher.waitForChange() }
            guard let change else { continue }
            try Output.print(GenerationReport(change, noticed: .now).line(asJSON: printsJSON))
            try explaining { () throws(DeviceFailure) in _ = try watcher.acknowledge(change) }
            seen += 1
        }
    }
}
