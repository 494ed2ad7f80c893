/// An interface that is served: what its description says.
public struct VarlinkInterface: Sendable {
    /// The text that callers get who ask for it.
    public let description: String
    public let contents: InterfaceDescription
    /// The methods that are refused to whoever does not take more than one answer.
    let streams: Set<String>

    /// - Parameters:
    ///   - description: see https://varlink.org/Interface-Definition.
    ///   - streams: names of methods with more than one answer.
    public init(_ description: String, streams: Set<String> = []) throws(DescriptionFailure) {
        self.description = description
        self.streams = streams
        contents = try InterfaceDescription(description)
    }

    public var name: String { contents.name }

    func hasMethod(_ name: String) -> Bool { contents.methods.contains { $0.name == name } }
}
