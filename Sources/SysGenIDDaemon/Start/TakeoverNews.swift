internal import Logging
internal import SysGenIDFrontends

/// What there is to say of what becomes of a predecessor's.
enum TakeoverNews: Hashable, CustomStringConvertible {
    case startingAfresh(String)
    /// This daemon would agree with the kernel on something else than its predecessor has.
    case disagreement(FrontendKind, [String])
    /// So many containers' devices that are open are known no more.
    case containersMissing(Int)

    var level: Logger.Level { if case .disagreement = self { .warning } else { .error } }

    var description: String {
        switch self {
        case .startingAfresh(let reason): "cannot take over from the predecessor: \(reason); starting afresh"
        case .disagreement(let kind, let differences):
            """
            the predecessor has agreed with the kernel on something else (\(differences.joined(separator: ", "))) than \
            this version does: \(kind.keptName) is started afresh, and what is open ends with an error
            """
        case .containersMissing(let count):
            "\(count) containers' devices that are open are not in their table: what is open ends with an error"
        }
    }
}

extension FrontendKind {
    /// The name under which the service manager keeps the frontend's connection.
    var keptName: String {
        switch self {
        case .characterDevice: "sysgenid-cuse"
        case .counterFile: "sysgenid-fuse"
        case .deviceDirectory: "sysgenid-devices"
        }
    }
}
