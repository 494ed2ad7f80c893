import FoundationEssentials

/// What a service has answered. It may be anybody's.
public struct VarlinkAnswer: Sendable {
    /// The error's name with that of its interface; nil where it is none.
    public let error: String?
    /// Whether further answers follow.
    public let continues: Bool
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) throws(VarlinkFailure) {
        guard bytes.isShallowObject, let envelope = try? JSONDecoder().decode(Envelope.self, from: Data(bytes)) else {
            throw .notUnderstood
        }
        error = envelope.error
        continues = envelope.continues ?? false
        self.bytes = bytes
    }

    private struct Envelope: Decodable {
        var error: String?
        var continues: Bool?
    }

    /// What the method returns, or the fields of the error. Fields that are none of the type's are passed over.
    public func parameters<Value: Decodable>(as: Value.Type) throws(VarlinkFailure) -> Value {
        do {
            return try JSONDecoder().decode(Body<Value>.self, from: Data(bytes)).parameters
        } catch {
            throw .notUnderstood
        }
    }

    private struct Body<Value: Decodable>: Decodable {
        var parameters: Value
    }
}
