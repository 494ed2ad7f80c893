public import SysGenIDJSON

/// What is answered.
public enum VarlinkReply: Sendable {
    /// The values that the method returns: an object.
    case result(JSON)
    /// An error of the call's interface: its name without the interface's, and its fields as an object.
    case error(name: String, JSON)
    /// An error that each service has.
    case refusal(VarlinkRefusal)

    /// The message, with the zero at its end.
    ///
    /// - Parameter continues: whether further answers follow. See https://varlink.org/Method-Call.
    func message(in interface: String, continues: Bool) -> [UInt8] {
        let json: JSON =
            switch self {
            case .result(let values):
                continues
                    ? .object(["parameters": values, "continues": .boolean(true)])
                    : .object(["parameters": values])
            case .error(let name, let fields):
                .object(["error": .string("\(interface).\(name)"), "parameters": fields])
            case .refusal(let refusal):
                .object(["error": .string("\(ServiceInterface.name).\(refusal.name)"), "parameters": refusal.fields])
            }
        return Array(json.text.utf8) + [0]
    }
}

/// Why a call is not served, whatever the method is. See https://varlink.org/Service.
public enum VarlinkRefusal: Error, Hashable, Sendable {
    case interfaceNotFound(String)
    case methodNotFound(String)
    /// The interface has it, and this service does not.
    case methodNotImplemented(String)
    /// A parameter is missing, or has a value that is not taken.
    case invalidParameter(String)
    case permissionDenied
    /// The method has more than one answer, and the caller takes one.
    case expectedMore

    var name: String {
        switch self {
        case .interfaceNotFound: "InterfaceNotFound"
        case .methodNotFound: "MethodNotFound"
        case .methodNotImplemented: "MethodNotImplemented"
        case .invalidParameter: "InvalidParameter"
        case .permissionDenied: "PermissionDenied"
        case .expectedMore: "ExpectedMore"
        }
    }

    var fields: JSON {
        switch self {
        case .interfaceNotFound(let interface): .object(["interface": .string(interface)])
        case .methodNotFound(let method), .methodNotImplemented(let method): .object(["method": .string(method)])
        case .invalidParameter(let parameter): .object(["parameter": .string(parameter)])
        case .permissionDenied, .expectedMore: .object([:])
        }
    }
}
