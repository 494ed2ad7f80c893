import ArgumentParser
import SysGenID
import Testing

@testable import SysGenIDCommands

@Suite("The command line")
struct ParsingTests {
    private func parse<Command: ControlSubcommand>(
        _ arguments: String, as type: Command.Type = StatusCommand.self
    ) throws -> Command {
        try #require(try ControlCommand.parseAsRoot(arguments.split(separator: " ").map(String.init)) as? Command)
    }

    private func exitCode(_ arguments: String) -> Int32? {
        do {
            _ = try ControlCommand.parseAsRoot(arguments.split(separator: " ").map(String.init))
            return nil
        } catch {
            return ControlCommand.exitCode(for: error).rawValue
        }
    }

    @Test(
        "the common options stand before or after the subcommand",
        arguments: [
            "--device /x --json status", "--device /x status --json", "--json status --device /x",
            "status --device /x --json", "status --json --device=/x", "--device=/x --json status",
            "--json status --json --device /x",
        ])
    func commonOptions(arguments: String) throws {
        let command = try parse(arguments)
        #expect(command.devicePath == "/x")
        #expect(command.printsJSON)
    }

    @Test("what stands after the subcommand counts more than what stands before")
    func innerDeviceWins() throws {
        #expect(try parse("--device /outer status --device /inner").devicePath == "/inner")
    }

    @Test("without options it is the usual device, in text")
    func defaults() throws {
        let command = try parse("status")
        #expect(command.devicePath == "/dev/sysgenid")
        #expect(!command.printsJSON)
    }

    @Test("each subcommand takes the common options in both places", arguments: ["watch", "trigger", "wait", "probe"])
    func everySubcommand(name: String) throws {
        for arguments in ["--device /x --json \(name)", "\(name) --device /x --json"] {
            let words = arguments.split(separator: " ").map(String.init)
            let command = try #require(try ControlCommand.parseAsRoot(words) as? any ControlSubcommand)
            #expect(command.devicePath == "/x")
            #expect(command.printsJSON)
        }
    }

    @Test(
        "a container stands for its device, in both places",
        arguments: ["--container web status", "status --container web"])
    func container(arguments: String) throws {
        let command = try parse(arguments)
        #expect(command.devicePath == ContainerDevices.defaultDirectory + "/containers/web/sysgenid")
        try command.checkTarget()
    }

    @Test(
        "a container and a device are one too many",
        arguments: [
            "--container web --device /x status", "status --container web --device /x",
            "--container web status --device /x", "--device /x status --container web",
        ])
    func containerAndDevice(arguments: String) throws {
        let command = try parse(arguments)
        #expect(throws: ValidationError.self) { try command.checkTarget() }
    }

    @Test("the commands for containers")
    func containerCommands() throws {
        let bare = try parse("container add web", as: AddCommand.self)
        #expect(bare.name.description == "web" && bare.owner == nil && bare.minimum == nil)
        let add = try parse("container add --owner 1000:5 web --minimum 4294967295", as: AddCommand.self)
        #expect(add.owner == ContainerOwner(userID: 1_000, groupID: 5) && add.minimum == .max)
        #expect(try parse("container remove web", as: RemoveCommand.self).name.description == "web")
        for arguments in ["--json container list", "container list --json", "container --json list"] {
            #expect(try parse(arguments, as: ListCommand.self).printsJSON)
        }
    }

    @Test(
        "the commands for containers take no other device",
        arguments: ["--device /x container list", "container list --container web"])
    func containerCommandsWithDevice(arguments: String) throws {
        let command = try parse(arguments, as: ListCommand.self)
        #expect(throws: ValidationError.self) { try command.checkTarget() }
    }

    @Test("numbers up to their ends")
    func numbers() throws {
        #expect(try parse("trigger", as: TriggerCommand.self).minimum == 0)
        #expect(try parse("trigger --minimum 4294967295", as: TriggerCommand.self).minimum == .max)
        #expect(try parse("wait", as: WaitCommand.self).timeout == nil)
        #expect(try parse("wait --timeout 0", as: WaitCommand.self).timeout == 0)
        #expect(try parse("--json watch --count 1", as: WatchCommand.self).count == 1)
    }

    @Test("a program and its own options stand after --")
    func program() throws {
        let standard = try parse("run -- program --restart -x --", as: RunCommand.self)
        #expect(standard.command == ["program", "--restart", "-x", "--"])
        #expect(standard.signal == .hangUp && !standard.restart && standard.grace == 5_000)
        let other = try parse("run --signal sigusr1 --restart --grace 0 -- program", as: RunCommand.self)
        #expect(other.signal.description == "USR1" && other.restart && other.grace == 0 && !other.force)
        #expect(try parse("run --force --signal KILL -- program", as: RunCommand.self).force)
        #expect(try parse("run --restart --signal KILL -- program", as: RunCommand.self).restart)
    }

    @Test(
        "wrong usage",
        arguments: [
            "trigger --minimum 4294967296", "trigger --minimum -1", "trigger --minimum 0x10", "trigger --minimum",
            "wait --timeout soon", "wait --timeout -1", "wait --timeout 1.5", "watch --count 0", "watch --count -3",
            "status --device", "--device", "status extra", "status --minimum 3", "nonsense", "--nonsense status",
            "run", "run --", "run program", "run --signal NONE -- program", "run --signal 0 -- program",
            "status --container a/b", "--container .. status", "status --container", "container add",
            "container add a/b",
            "container add .a", "container remove ..", "container remove", "container list web",
            "container add web --owner root", "container add web --owner 4294967295", "container add web --owner 1:",
            "container add web --minimum 4294967296", "container add web --minimum -1", "container nonsense",
            "run --grace -1 -- program", "run --signal KILL -- program", "run --signal 19 -- program",
        ])
    func wrongUsage(arguments: String) {
        #expect(exitCode(arguments) == 64)
    }

    @Test(
        "help and version are no failures",
        arguments: ["--help", "--version", "status --help", "help wait", "container add --help"])
    func help(arguments: String) {
        #expect(exitCode(arguments) == nil || exitCode(arguments) == 0)
    }
}
