import ArgumentParser
import SysGenID

extension ContainerName {
    /// What a name may be.
    static let rule = "1 to 64 of letters, digits, \".\", \"_\" and \"-\", not first a \".\""

    /// Reads the name of a container, or says what one may be.
    static func parsed(_ text: String) throws -> ContainerName {
        guard let name = ContainerName(text) else { throw ValidationError("A container's name has \(rule).") }
        return name
    }
}

extension ContainerOwner: ExpressibleByArgument {
    public init?(argument: String) {
        self.init(argument)
    }
}
