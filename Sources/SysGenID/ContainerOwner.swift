/// Whose a container's device is: who may trigger it, and the group that may acknowledge.
public struct ContainerOwner: Hashable, Sendable {
    /// The number of the user, 0 to 4294967294.
    public let userID: UInt32
    /// The number of the group, 0 to 4294967294; nil leaves the device the one that it has.
    public let groupID: UInt32?

    /// nil where a number is 4294967295, by which chown(2) means no user or group.
    public init?(userID: UInt32, groupID: UInt32? = nil) {
        guard userID != .max, groupID != .max else { return nil }
        self.userID = userID
        self.groupID = groupID
    }

    /// Reads the numbers from `UID` or `UID:GID`, in decimal; nil where the text is anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let numbers: [UInt32] = parts.compactMap(AttributeText.number)
        guard numbers.count == parts.count else { return nil }
        self.init(userID: numbers[0], groupID: numbers.count > 1 ? numbers[1] : nil)
    }
}
