import ArgumentParser
import SysGenID
import SysGenIDJSON

struct WaitCommand: ControlSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "wait",
        abstract: "Wait until every tracked watcher has acknowledged the current generation.",
        discussion: """
            This is the part of an overseer: trigger a change, wait, then let the system go on. Only watchers that \
            asked to be tracked are waited for. With --timeout 0 they are looked at once.

            A change that comes meanwhile begins the wait anew, for the watchers must readjust to that one too; \
            the time that is allowed runs on. When it is over, the exit status is 3.

            Nothing is printed but with --json, where "up_to_date" says how it ended.
            """)

    @ParentCommand var root: ControlCommand
    @OptionGroup var options: GlobalOptions

    @Option(help: ArgumentHelp("How long to wait, in milliseconds. (default: for ever)", valueName: "ms"))
    var timeout: UInt32?

    func perform() throws(CommandFailure) {
        do {
            try explaining { () throws(DeviceFailure) in
                try Overseer(path: devicePath).waitForWatchers(timeoutMilliseconds: timeout)
            }
        } catch let error where error.status == .timedOut {
            try printResult(isUpToDate: false)
            throw error
        }
        try printResult(isUpToDate: true)
    }

    private func printResult(isUpToDate: Bool) throws(CommandFailure) {
        guard printsJSON else { return }
        try Output.print(JSON.object(["up_to_date": .boolean(isUpToDate)]).text)
    }
}
