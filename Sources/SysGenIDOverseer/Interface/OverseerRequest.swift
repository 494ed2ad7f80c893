import FoundationEssentials
import SysGenID
import SysGenIDVarlink

/// What a call asks for, with parameters that are within their ranges.
enum OverseerRequest: Hashable, Sendable {
    case get
    case watch
    case quiesce(deadline: UInt64?)
    /// Entropy is empty where there is none.
    case changed(identity: String, entropy: [UInt8], minimum: UInt32, deadline: UInt64?)
    case waitReady(Generation?, deadline: UInt64?)

    /// Reads a call. Deadlines are in nanoseconds from then on.
    init(_ call: VarlinkCall) throws(VarlinkRefusal) {
        switch call.method {
        case "Get": self = .get
        case "Watch": self = .watch
        case "Quiesce": self = .quiesce(deadline: try Self.deadline(try call.parameters(as: Quiesce.self).deadline))
        case "Changed":
            let changed = try call.parameters(as: Changed.self)
            guard (1...Self.identityLimit).contains(changed.identity.utf8.count),
                changed.identity.utf8.allSatisfy({ (0x20...0x7e).contains($0) })
            else { throw .invalidParameter("identity") }
            let entropy = changed.entropy.map { [UInt8]($0) }
            if let entropy, !(1...Self.entropyLimit).contains(entropy.count) { throw .invalidParameter("entropy") }
            self = .changed(
                identity: changed.identity, entropy: entropy ?? [],
                minimum: try Self.generation(changed.minimum, "minimum") ?? 0,
                deadline: try Self.deadline(changed.deadline))
        case "WaitReady":
            let wait = try call.parameters(as: WaitReady.self)
            let generation = try Self.generation(wait.generation, "generation").map(Generation.init(rawValue:))
            self = .waitReady(generation, deadline: try Self.deadline(wait.deadline))
        case let other: throw .methodNotFound("\(call.interface).\(other)")
        }
    }

    /// Whether it does something to the system.
    var isForRootAndHost: Bool {
        switch self {
        case .quiesce, .changed: true
        case .get, .watch, .waitReady: false
        }
    }

    private static let identityLimit = 128
    private static let entropyLimit = 512
    /// 0 looks at once.
    private static let deadlines = 0...3_600_000

    private static func deadline(_ milliseconds: Int?) throws(VarlinkRefusal) -> UInt64? {
        guard let milliseconds else { return nil }
        guard deadlines.contains(milliseconds) else { throw .invalidParameter("deadline") }
        return UInt64(milliseconds) * 1_000_000
    }

    private static func generation(_ number: Int?, _ name: String) throws(VarlinkRefusal) -> UInt32? {
        guard let number else { return nil }
        guard let generation = UInt32(exactly: number) else { throw .invalidParameter(name) }
        return generation
    }

    private struct Quiesce: Decodable {
        var deadline: Int?
    }

    private struct WaitReady: Decodable {
        var generation: Int?
        var deadline: Int?
    }

    private struct Changed: Decodable {
        var identity: String
        /// In Base64.
        var entropy: Data?
        var minimum: Int?
        var deadline: Int?
    }
}
