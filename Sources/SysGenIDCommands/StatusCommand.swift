import ArgumentParser
import SysGenID

struct StatusCommand: ControlSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Say what the generation is, and who watches it.",
        discussion: """
            It takes no privilege. The generation and the number of outdated watchers come from the device, the \
            rest from what sysgenidd publishes in its runtime directory. That is believed only where it is about \
            this device; without it, what only the daemon can know is unknown. Of a container's device it publishes no \
            changes and no processes, and the numbers of watchers once a second.

            The watchers are those that there were before this command opened the device.
            """)

    @ParentCommand var root: ControlCommand
    @OptionGroup var options: GlobalOptions

    func perform() throws(CommandFailure) {
        // Read before the device is opened, so that the watcher which this is does not count itself.
        let directory = PublishedAttributes.defaultDirectory
        let published = PublishedAttributes(in: directory)
        let ofSystem = published.describe(devicePath) ? published : nil
        let believed = container.map { published.narrowed(to: $0, in: directory) } ?? ofSystem
        let device = try openDevice()

        let report = StatusReport(
            device: devicePath,
            generation: (try? GenerationProbe(of: device, runtimeDirectory: directory).load()) ?? believed?.generation,
            outdated: (try? device.outdatedCount()) ?? believed?.outdated,
            attributes: believed, isOfContainer: container != nil)
        try Output.print(printsJSON ? report.json.text : report.text)
    }
}
