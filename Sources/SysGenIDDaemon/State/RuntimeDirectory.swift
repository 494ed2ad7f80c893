public import SysGenIDSystem

/// The directory of a running daemon, as /run/sysgenid: the published attributes, the state, and the lock
/// that keeps a second daemon away. The lock is held as long as the object lives.
public final class RuntimeDirectory: Sendable {
    public let path: String
    private let lock: NamedFile
    private let publication = Lock(Publication())

    private struct Publication {
        /// What stands in the files, by their names; only what this daemon has written.
        var texts: [String: String] = [:]
        var isFailing = false
        var areContainersFailing = false
    }

    /// What there is to log after an attempt to publish.
    public enum PublicationNews: Hashable, Sendable {
        /// Attributes can no longer be written; they are tried again each time.
        case failing(SystemCallFailure)
        /// Attributes can be written again.
        case working
    }

    /// Makes the directory where it is missing, checks it, and locks it.
    public init(path: String) throws(StateFailure) {
        self.path = path
        let status = try StateFailure.wrapping { () throws(SystemCallFailure) in
            try Self.make(path)
            return try Files.status(path)
        }
        guard status.permissions & 0o022 == 0, [0, OwnProcess.effectiveUserID].contains(status.userID) else {
            throw .unsafeDirectory(path)
        }
        lock = try Self.openOwnFile("\(path)/lock")
        guard try Self.take(lock) else {
            throw .inUse(directory: path, pid: Self.firstLine(of: lock.path))
        }
    }

    /// The path of a file in the directory.
    public func path(of name: String) -> String { "\(path)/\(name)" }

    /// Where a predecessor served that was killed before it could take its attributes away; nil where there is none.
    var predecessorDevice: String? {
        let contents = try? Files.read(path(of: Attributes.deviceName), limit: 4_096)
        return contents?.split(separator: UInt8(ascii: "\n")).first.map { String(decoding: $0, as: UTF8.self) }
    }

    /// What a predecessor that was killed or has handed over has published of its last reseed; nil where there is none.
    var predecessorReseed: ReseedLine? {
        let contents = try? Files.read(path(of: Attributes.reseedName), limit: 4_096)
        return contents.flatMap(ReseedLine.init(predecessor:))
    }

    /// Whether the last attempt to publish has failed.
    var isFailing: Bool { publication.withLock(\.isFailing) }

    /// Whether the last attempt to publish the figures of containers has failed.
    var areContainersFailing: Bool { publication.withLock(\.areContainersFailing) }

    /// Writes the attributes that have changed, each at once and whole.
    ///
    /// A failure is no reason to stop serving: clients do not depend on these files.
    ///
    /// - Parameter onlyUrgent: writes what clients may wait for, and leaves the rest to the next time.
    /// - Returns: what there is to log, once when publishing begins to fail and once when it works again.
    public func publish(_ attributes: Attributes, onlyUrgent: Bool = false) -> PublicationNews? {
        publication.withLock { publication in
            var failure: SystemCallFailure?
            let files = onlyUrgent ? attributes.urgentFiles : attributes.files
            for (name, text) in files where publication.texts[name] != text {
                do throws(SystemCallFailure) {
                    try Files.replace(path(of: name), with: Array("\(text)\n".utf8), permissions: 0o644)
                    publication.texts[name] = text
                } catch {
                    failure = failure ?? error
                }
            }
            defer { publication.isFailing = failure != nil }
            guard let failure else { return publication.isFailing ? .working : nil }
            return publication.isFailing ? nil : .failing(failure)
        }
    }

    /// Writes the figures of containers, whole; with nil there are none, and what a predecessor has left of its own goes.
    ///
    /// - Returns: as of the attributes.
    func publishContainers(_ metrics: [UInt8]?) -> PublicationNews? {
        publication.withLock { publication in
            let path = path(of: ContainerMetrics.fileName)
            let wasFailing = publication.areContainersFailing
            do throws(SystemCallFailure) {
                if let metrics {
                    try Files.replace(path, with: metrics, permissions: 0o644)
                    // That it is there is known, so that it is removed at the end; what stands in it is too much to keep.
                    publication.texts[ContainerMetrics.fileName] = ""
                } else if Files.exists(path) {
                    try Files.remove(path)
                }
                publication.areContainersFailing = false
                return wasFailing ? .working : nil
            } catch {
                publication.areContainersFailing = true
                return wasFailing ? nil : .failing(error)
            }
        }
    }

    /// Removes what holds only for a running daemon. The generation stays, since a damaged state is
    /// continued from it.
    ///
    /// - Returns: the first failure.
    public func removeAttributes() -> SystemCallFailure? {
        publication.withLock { publication in
            var failure: SystemCallFailure?
            for name in publication.texts.keys.sorted() where name != Attributes.generationName {
                do throws(SystemCallFailure) { try Files.remove(path(of: name)) } catch { failure = failure ?? error }
                publication.texts[name] = nil
            }
            return failure
        }
    }

    /// Opens a file of the daemon's own in the directory, or makes it, readable for nobody else.
    func openOwnFile(_ name: String) throws(StateFailure) -> NamedFile {
        try Self.openOwnFile(path(of: name))
    }

    private static func openOwnFile(_ path: String) throws(StateFailure) -> NamedFile {
        let file = try StateFailure.wrapping { () throws(SystemCallFailure) in try NamedFile.ownPlainFile(path) }
        guard let file else { throw .notAPlainFile(path) }
        return file
    }

    private static func make(_ path: String) throws(SystemCallFailure) {
        guard !Files.exists(path) else { return }
        try Files.makeDirectories(path, permissions: 0o755)
        try NamedFile(path, [.readOnly, .directory]).setPermissions(0o755)
    }

    /// Locks the file and leaves our pid in it; false where another daemon has it.
    private static func take(_ lock: borrowing NamedFile) throws(StateFailure) -> Bool {
        do throws(SystemCallFailure) {
            guard try lock.lockExclusively() else { return false }
            try lock.setLength(0)
            try lock.write(Array("\(OwnProcess.id)\n".utf8), at: 0)
            return true
        } catch {
            throw .system(error)
        }
    }

    private static func firstLine(of path: String) -> String? {
        guard let contents = try? Files.read(path, limit: 32) else { return nil }
        return contents.split(separator: UInt8(ascii: "\n")).first.map { String(decoding: $0, as: UTF8.self) }
    }
}
