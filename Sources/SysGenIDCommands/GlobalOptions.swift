import ArgumentParser
import SysGenID

/// The options that may stand before or after the subcommand.
struct GlobalOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The device to use. (default: \(SystemGenerationDevice.defaultPath))", valueName: "path"))
    var device: String?

    @Option(
        help: ArgumentHelp("The container whose device to use, instead.", valueName: "name"),
        transform: ContainerName.parsed)
    var container: ContainerName?

    @Option(
        help: ArgumentHelp(
            "The virtual machine whose overseer to ask: its vsock context, or its monitor's socket, a path with a slash.",
            valueName: "machine"),
        transform: OverseerAddress.parsed)
    var host: OverseerAddress?

    @Option(
        help: ArgumentHelp(
            "The socket of the overseer to ask. (default: org.sysgenid.Overseer in the runtime directory)",
            valueName: "path"))
    var socket: String?

    @Flag(help: "Print JSON, one object a line.")
    var json = false
}

/// A subcommand: what stands before its name counts where nothing stands after it.
protocol ControlSubcommand: ParsableCommand {
    var root: ControlCommand { get }
    var options: GlobalOptions { get }

    func perform() throws(CommandFailure)

    /// Makes sure that the options name no more than one device.
    func checkTarget() throws(ValidationError)
}

extension ControlSubcommand {
    var device: String? { options.device ?? root.options.device }
    var container: ContainerName? { options.container ?? root.options.container }
    var host: OverseerAddress? { options.host ?? root.options.host }
    var socket: String? { options.socket ?? root.options.socket }
    var devicePath: String {
        container.map(ContainerDevices().path) ?? device ?? SystemGenerationDevice.defaultPath
    }
    var printsJSON: Bool { options.json || root.options.json }

    mutating func run() throws {
        try checkTarget()
        if let container {
            try explaining { () throws(ContainerFailure) in try ContainerDevices().require(container) }
        }
        try perform()
    }

    func checkTarget() throws(ValidationError) {
        guard device == nil || container == nil else {
            throw ValidationError("--device and --container cannot be used together.")
        }
        guard host == nil, socket == nil else { throw .onlyForOverseer }
    }

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

extension ValidationError {
    /// What names an overseer stands with a command that asks none.
    static var onlyForOverseer: ValidationError {
        ValidationError("--host and --socket are for quiesce, ready and announce.")
    }
}
