import ArgumentParser
import SysGenID
import SysGenIDSystem
import SysGenIDVarlink

/// Which overseer is asked.
enum OverseerAddress: Hashable, Sendable {
    /// That of this system.
    case system(path: String)
    /// That of a virtual machine, by its context.
    case machine(UInt32)
    /// The same, by the socket of its monitor.
    case monitor(path: String)

    /// The port at which an overseer listens for its host. No program of the machine takes it without CAP_NET_BIND_SERVICE.
    static let port: UInt32 = 947

    /// The overseer of this system.
    static var ofSystem: OverseerAddress {
        .system(path: "\(PublishedAttributes.defaultDirectory)/org.sysgenid.Overseer")
    }

    /// What stands after --host; nil where it is neither a path nor a number.
    static func host(_ text: String) -> OverseerAddress? {
        guard !text.contains("/") else { return .monitor(path: text) }
        guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        // The last number stands for any machine.
        return UInt32(text).flatMap { $0 == .max ? nil : .machine($0) }
    }

    static func parsed(_ text: String) throws -> OverseerAddress {
        guard let address = host(text) else {
            throw ValidationError("--host is the context of a machine, a number, or a path with a slash.")
        }
        return address
    }

    var isOther: Bool {
        if case .system = self { false } else { true }
    }

    var connection: VarlinkAddress {
        switch self {
        case .system(let path): .direct(.local(path: path))
        case .machine(let context): .direct(.machine(context: context, port: Self.port))
        case .monitor(let path): .hybrid(path: path, port: Self.port)
        }
    }

    /// As it reads after "the overseer".
    var phrase: String {
        switch self {
        case .system(let path): "at \(path)"
        case .machine(let context): "of the machine \(context)"
        case .monitor(let path): "behind \(path)"
        }
    }
}
