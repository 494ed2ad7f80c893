import ArgumentParser
import SysGenID

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
            try waitForWatchers()
        } catch let error where error.status == .timedOut {
            try printResult(isUpToDate: false)
            throw error
        }
        try printResult(isUpToDate: true)
    }

    private func waitForWatchers() throws(CommandFailure) {
        let pause = Pause(milliseconds: timeout)
        while true {
            // A new watcher is up to date, and not tracked, so that it is no one that is waited for.
            let device = try openDevice()
            do {
                return try device.waitForWatchers(timeoutMilliseconds: pause.remaining)
            } catch let error where error.reason == .callerOutdated || error.reason == .interrupted {
                guard !pause.isOver else { throw .timedOut(devicePath) }
            } catch {
                throw CommandFailure(error)
            }
        }
    }

    private func printResult(isUpToDate: Bool) throws(CommandFailure) {
        guard printsJSON else { return }
        try Output.print(JSON.object(["up_to_date": .boolean(isUpToDate)]).text)
    }
}
