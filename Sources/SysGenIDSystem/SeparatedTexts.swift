extension [String] {
    /// As `joined(separator:)`, which the library has for all collections: its first call looks through all conformances of
    /// the program. For what is done at each start.
    public func text(separatedBy separator: String) -> String {
        guard var text = first else { return "" }
        for part in dropFirst() {
            text += separator
            text += part
        }
        return text
    }
}
