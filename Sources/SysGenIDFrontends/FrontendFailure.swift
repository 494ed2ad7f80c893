/// Why a frontend cannot serve, in one line that names the remedy.
public struct FrontendFailure: Error, Hashable, Sendable, CustomStringConvertible {
    public var description: String

    public init(_ description: String) {
        self.description = description
    }

    /// A step failed for a reason that speaks for itself.
    init(_ step: String, because reason: any Error) {
        description = "\(step): \(reason)"
    }
}
