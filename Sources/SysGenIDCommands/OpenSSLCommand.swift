import ArgumentParser
import SysGenID
import SysGenIDJSON
import SysGenIDSystem

struct OpenSSLCommand: ControlSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "openssl",
        abstract: "Have programs that use OpenSSL draw other random bytes in each clone.",
        discussion: """
            enable adds to the system's openssl.cnf what loads the provider, and disable takes it away; neither \
            touches anything else there. Programs read it when they start, so that those which run have to be \
            started again. A generator that somebody has chosen there, and FIPS, are left as they are, with \
            exit status 1. status says what holds now.
            """)

    enum Action: String, CaseIterable, ExpressibleByArgument { case enable, disable, status }

    /// Debian's, and that of Fedora.
    static let usualPaths = ["/etc/ssl/openssl.cnf", "/etc/pki/tls/openssl.cnf"]

    @ParentCommand var root: ControlCommand
    @OptionGroup var options: GlobalOptions

    @Argument(help: "What to do: enable, disable or status.")
    var action: Action

    @Option(
        help: ArgumentHelp(
            "The configuration of OpenSSL. (default: \(usualPaths[0]), or Fedora's)", valueName: "path"))
    var config: String?

    @Option(help: ArgumentHelp("The configuration of the provider, of which it gets the sections.", valueName: "path"))
    var provider = "/etc/ssl/sysgenid.cnf"

    @Flag(help: "Print what enable adds, and change nothing.")
    var print = false

    func perform() throws(CommandFailure) {
        let path = try configurationPath()
        let configuration = try OpenSSLConfiguration(read(path))
        switch action {
        case .enable: try enable(configuration, at: path)
        case .disable: try replace(path, configuration.disabled, isChange: configuration.isEnabled)
        case .status:
            try Output.print(
                printsJSON
                    ? report(configuration, at: path).json.text
                    : report(configuration, at: path).text)
        }
    }

    private func enable(_ configuration: OpenSSLConfiguration, at path: String) throws(CommandFailure) {
        let own = try OpenSSLConfiguration(read(provider))
        let (addition, contents): ([String], [UInt8])
        do {
            (addition, contents) = try (configuration.addition(of: own), configuration.enabled(with: own))
        } catch {
            throw CommandFailure(event: "\(path) is left as it is: \(error.reason)", advice: error.advice)
        }
        if print { return try Output.print(addition.joined(separator: "\n")) }
        do {
            try replace(path, contents, isChange: contents != read(path))
        } catch {
            try Output.print((["# To be added at the end of \(path):"] + addition).joined(separator: "\n"))
            throw error
        }
    }

    private func replace(_ path: String, _ contents: [UInt8], isChange: Bool) throws(CommandFailure) {
        guard isChange else { return }
        try explainingFile { () throws(SystemCallFailure) in
            let status = try Files.status(path)
            try Files.replace(path, with: contents, permissions: status.permissions)
        }
    }

    private func report(_ configuration: OpenSSLConfiguration, at path: String) -> OpenSSLReport {
        let own = (try? Files.read(provider)).map(OpenSSLConfiguration.init) ?? OpenSSLConfiguration([])
        let module = configuration.module ?? own.module
        let probe = try? GenerationProbe(path: devicePath)
        var obstacle: OpenSSLConfiguration.Obstacle?
        do throws(OpenSSLConfiguration.Obstacle) { _ = try configuration.addition(of: own) } catch { obstacle = error }
        return OpenSSLReport(
            configuration: path, isEnabled: configuration.isEnabled, obstacle: obstacle, module: module,
            isInstalled: module.map(Files.exists) ?? false, device: devicePath, generation: probe?.load())
    }

    /// The file itself, where the path is a symbolic link to it.
    private func configurationPath() throws(CommandFailure) -> String {
        let path = config ?? Self.usualPaths.first(where: Files.exists) ?? Self.usualPaths[0]
        return try explainingFile { () throws(SystemCallFailure) in try Files.resolved(path) }
    }

    private func read(_ path: String) throws(CommandFailure) -> [UInt8] {
        try explainingFile { () throws(SystemCallFailure) in try Files.read(path, limit: 1 << 20) }
    }
}

/// Turns a failure at a file into one of the command.
private func explainingFile<Value>(_ body: () throws(SystemCallFailure) -> Value) throws(CommandFailure) -> Value {
    do {
        return try body()
    } catch {
        let isRefused = [.permissionDenied, .notPermitted, .readOnlyFileSystem].contains(error.errno)
        throw CommandFailure(
            status: isRefused ? .notPermitted : .failed, event: "cannot \(error)",
            advice: isRefused ? "run it as root" : "say with --config or --provider where it is")
    }
}

extension OpenSSLConfiguration.Obstacle {
    /// What stands in the way.
    var reason: String {
        switch self {
        case .otherGenerator(let section): "its section \(section) chooses a random generator already"
        case .fips: "it asks for FIPS, which has a random generator of its own"
        case .sectionElsewhere(let section): "its section \(section) may be in another file"
        }
    }

    /// What somebody can do about it.
    var advice: String {
        switch self {
        case .otherGenerator: "remove that first, or run single programs with OPENSSL_CONF=/etc/ssl/sysgenid.cnf"
        case .fips: "restart programs after a clone, as 'sysgenidctl run --restart' does"
        case .sectionElsewhere: "add to that section by hand what 'sysgenid.cnf' has"
        }
    }
}

/// What `openssl status` prints.
struct OpenSSLReport {
    var configuration: String
    var isEnabled: Bool
    var obstacle: OpenSSLConfiguration.Obstacle?
    var module: String?
    var isInstalled: Bool
    var device: String
    var generation: Generation?

    /// One fact a line.
    var text: String {
        let state = isEnabled ? "enabled" : obstacle.map { "disabled: \($0.reason)" } ?? "disabled"
        let served = generation.map { "generation \($0)" } ?? "not served: all bytes come straight from the kernel"
        return """
            configuration:  \(configuration)
            state:          \(state)
            provider:       \(module ?? "unknown")\(isInstalled ? "" : " (missing: OpenSSL uses its own generator)")
            device:         \(device) (\(served))
            """
    }

    var json: JSON {
        .object([
            "configuration": .string(configuration), "enabled": .boolean(isEnabled),
            "obstacle": .orNull(obstacle) { .string($0.reason) },
            "provider": .orNull(module) { .string($0) }, "installed": .boolean(isInstalled),
            "device": .string(device), "generation": .orNull(generation) { .number(Int($0.rawValue)) },
        ])
    }
}
