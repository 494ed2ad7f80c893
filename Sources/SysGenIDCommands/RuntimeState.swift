import FoundationEssentials
import SysGenID
import SysGenIDSystem

/// What a container runtime tells a hook of the container, as far as it is of use here. See "State" in the runtime
/// specification of the Open Container Initiative.
///
/// Names and annotations in it are those of whoever wanted the container: nothing is believed that is not checked.
struct RuntimeState: Hashable, Sendable {
    /// What a hook is called for.
    enum Stage: Hashable, Sendable {
        /// The container's namespaces are there, and its root directory is not yet `/` in them. Its first process has
        /// the number.
        case creation(process: Int32)
        case removal
    }

    var name: ContainerName
    var stage: Stage
    /// The directory with the container's configuration.
    var bundle: String

    /// Whoever gives more than this wants no device.
    static let sizeLimit = 1 << 20
    private static let configurationLimit = 16 << 20

    init(_ contents: [UInt8]) throws(CommandFailure) {
        let fields: Fields = try Self.decode(contents, of: "what came by standard input")
        guard let name = ContainerName(fields.id) else {
            throw .notFromRuntime("the id of the container is no name of a device", "it has \(ContainerName.rule)")
        }
        guard fields.bundle.hasPrefix("/"), !fields.bundle.contains("\0") else {
            throw .notFromRuntime("the path of the bundle does not begin with /")
        }
        (self.name, bundle) = (name, fields.bundle)
        switch fields.status {
        // Of the two the specification has the first, and crun says the second.
        case "creating", "created":
            guard let process = fields.pid, process > 0 else {
                throw .notFromRuntime("the container that is being made has no process")
            }
            stage = .creation(process: process)
        case "stopped":
            stage = .removal
        default:
            throw .notFromRuntime("the container is neither being made nor has it ended")
        }
    }

    /// What will be the root directory of the container, as its configuration has it.
    func rootDirectory() throws(CommandFailure) -> String {
        let path = "\(bundle)/config.json"
        let contents: [UInt8]
        do {
            contents = try Files.read(path, limit: Self.configurationLimit)
        } catch {
            throw .notFromRuntime("cannot read the configuration: \(error)")
        }
        let configuration: Configuration = try Self.decode(contents, of: path)
        let root = configuration.root.path
        guard !root.isEmpty, !root.contains("\0") else { throw .notFromRuntime("\(path) has no root directory") }
        return root.hasPrefix("/") ? root : "\(bundle)/\(root)"
    }

    private struct Fields: Decodable {
        var id: String
        var status: String
        var pid: Int32?
        var bundle: String
    }

    private struct Configuration: Decodable {
        struct Root: Decodable { var path: String }
        var root: Root
    }

    private static func decode<Value: Decodable>(
        _ contents: [UInt8], of source: String
    ) throws(CommandFailure) -> Value {
        do {
            return try JSONDecoder().decode(Value.self, from: Data(contents))
        } catch {
            throw .notFromRuntime("\(source) is not what a container runtime writes")
        }
    }
}

extension CommandFailure {
    /// The input is not the state of a container for which a hook is called.
    fileprivate static func notFromRuntime(
        _ event: String, _ advice: String = "only a container runtime calls this, as a hook"
    ) -> CommandFailure {
        CommandFailure(event: event, advice: advice)
    }
}
