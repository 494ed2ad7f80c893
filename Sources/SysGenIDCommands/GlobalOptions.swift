import ArgumentParser
import SysGenID

/// The options that may stand before or after the subcommand.
struct GlobalOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The device to use. (default: \(SystemGenerationDevice.defaultPath))", valueName: "path"))
    var device: String?

    @Flag(help: "Print JSON, one object a line.")
    var json = false
}

/// A subcommand: what stands before its name counts where nothing stands after it.
protocol ControlSubcommand: ParsableCommand {
    var root: ControlCommand { get }
    var options: GlobalOptions { get }

    func perform() throws(CommandFailure)
}

extension ControlSubcommand {
    var devicePath: String { options.device ?? root.options.device ?? SystemGenerationDevice.defaultPath }
    var printsJSON: Bool { options.json || root.options.json }

    mutating func run() throws { try perform() }

    /// Opens the device such that nothing but a wait ever blocks.
    func openDevice() throws(CommandFailure) -> SystemGenerationDevice {
        try explaining { () throws(DeviceFailure) in
            try SystemGenerationDevice(path: devicePath, isBlocking: false)
        }
    }
}

/// Turns a failure of the device into one of the command.
func explaining<Value: ~Copyable>(_ body: () throws(DeviceFailure) -> Value) throws(CommandFailure) -> Value {
    do {
        return try body()
    } catch {
        throw CommandFailure(error)
    }
}
