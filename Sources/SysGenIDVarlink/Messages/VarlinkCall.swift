import FoundationEssentials
public import SysGenIDSystem

/// Names a call that has no last answer yet.
public struct CallID: Hashable, Sendable {
    let connection: UInt64
    let number: UInt64
}

/// A call of a method, of one who may be anybody.
public struct VarlinkCall: Sendable {
    private let message: CallMessage
    public let peer: Peer

    init(_ message: CallMessage, from peer: Peer) {
        self.message = message
        self.peer = peer
    }

    public var interface: String { message.interface }
    /// Without the interface's name.
    public var method: String { message.method }
    /// Whether he takes more than one answer.
    public var wantsMore: Bool { message.wantsMore }
    /// Whether he takes none.
    public var isOneway: Bool { message.isOneway }

    /// The parameters. Those that are none of the type's are passed over.
    ///
    /// - Throws: `.invalidParameter` that names the one that is missing, or is no such value.
    public func parameters<Value: Decodable>(as type: Value.Type) throws(VarlinkRefusal) -> Value {
        try message.parameters(as: type)
    }
}

extension CallMessage {
    func parameters<Value: Decodable>(as: Value.Type) throws(VarlinkRefusal) -> Value {
        do {
            if let parameters = try JSONDecoder().decode(Parameters<Value>.self, from: Data(bytes)).parameters {
                return parameters
            }
            return try JSONDecoder().decode(Value.self, from: Data("{}".utf8))
        } catch let error as DecodingError {
            throw .invalidParameter(error.parameter)
        } catch {
            throw .invalidParameter(Parameters<Value>.name)
        }
    }
}

private struct Parameters<Value: Decodable>: Decodable {
    var parameters: Value?

    static var name: String { "parameters" }
}

extension DecodingError {
    /// The name of the parameter that it is about; "parameters" where it is about all.
    fileprivate var parameter: String {
        let path: [any CodingKey] =
            switch self {
            case .keyNotFound(let key, let context): context.codingPath + [key]
            case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
                context.codingPath
            @unknown default: []
            }
        let names = path.map(\.stringValue)
        return names.first { $0 != "parameters" } ?? "parameters"
    }
}
