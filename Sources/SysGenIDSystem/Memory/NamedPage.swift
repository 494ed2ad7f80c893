internal import SystemPackage

/// The page of a container's device, in a file with a name that each daemon finds again. The file is open only while it is
/// needed: there may be thousands.
public final class NamedPage: Sendable {
    private let path: String
    private let counter: MappedCounter

    /// Makes the file, or takes the one that a predecessor has left, and maps it.
    ///
    /// - Throws: `.fileExists` where a new one is asked for and one is there; `.invalidArgument` where it is none of ours.
    public init(_ path: String, isNew: Bool, generation: UInt32) throws(SystemCallFailure) {
        let file = try NamedFile.page(path, isNew: isNew)
        do throws(SystemCallFailure) {
            counter = try MappedCounter(file.descriptor)
        } catch {
            if isNew { try? Files.remove(path) }
            throw error
        }
        self.path = path
        counter.restore(generation)
    }

    /// The file, for a backing of passthrough opens.
    public func open() throws(SystemCallFailure) -> OwnedDescriptor {
        try openFile(path, [.readWrite, .noFollow])
    }

    /// Takes the name away. Who has it mapped keeps the page.
    public func remove() {
        try? Files.remove(path)
    }

    /// Makes the generation visible in every mapping, with one aligned store.
    public func store(_ generation: UInt32) {
        counter.store(generation)
    }

    /// The generation that clients see.
    public func load() -> UInt32 {
        counter.load()
    }

    /// See `CounterPage.holdsOnly(_:)`.
    public func holdsOnly(_ generation: UInt32) -> Bool {
        counter.holdsOnly(generation)
    }

    /// See `CounterPage.restore(_:)`.
    public func restore(_ generation: UInt32) {
        counter.restore(generation)
    }
}
