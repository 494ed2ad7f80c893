internal import SystemPackage

/// A page of memory in a file with a name that each daemon finds again. The file is open only while it is needed: there may
/// be thousands.
// Sendable: the path never changes.
public final class NamedMemory: MappedMemory, @unchecked Sendable {
    private let path: String

    /// Makes the file, of zeros, or takes the one that a predecessor has left, and maps it.
    ///
    /// - Throws: `.fileExists` where a new one is asked for and one is there; `.noSuchFileOrDirectory` where one is asked for
    ///   that is not; `.invalidArgument` where it is none of ours.
    public init(_ path: String, isNew: Bool) throws(SystemCallFailure) {
        let file = try NamedFile.page(path, isNew: isNew)
        self.path = path
        do throws(SystemCallFailure) {
            try super.init(file.descriptor.rawValue, size: CounterPage.size, named: path)
        } catch {
            if isNew { try? Files.remove(path) }
            throw error
        }
    }

    /// The file, for a backing of passthrough opens.
    public func open() throws(SystemCallFailure) -> OwnedDescriptor {
        try openFile(path, [.readWrite, .noFollow])
    }
}
