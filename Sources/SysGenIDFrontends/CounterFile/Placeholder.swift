import SysGenIDSystem

/// The file that a counter file is mounted over, where there was nothing before.
///
/// Its mode tells it from everyone else's files, so that the next daemon can take it away after one that was
/// killed; and while no daemon runs it lets nobody but root mistake it for the device.
public enum Placeholder {
    /// Nothing but the sticky bit, which nobody sets on an empty file.
    static let permissions: UInt32 = 0o1000

    /// Makes one, unless something is there already.
    static func create(at path: String) throws(SystemCallFailure) {
        // A predecessor's file may be there, which nobody serves yet.
        guard !Files.isNameTaken(path) else { return }
        _ = try openFile(path, [.writeOnly, .create, .exclusively], permissions: permissions)
        try Files.setPermissions(path, permissions)
    }

    /// Takes a counter file's mount away, and the placeholder below it.
    static func uncover(_ path: String) throws(SystemCallFailure) {
        if try Mounts.areOurs(path) { try Mounts.detach(path) }
        do throws(SystemCallFailure) {
            try removeOwn(at: path)
        } catch {
            guard error.errno != .noSuchFileOrDirectory else { return }
            throw error
        }
    }

    /// Removes a placeholder, and nothing else.
    public static func remove(at path: String) {
        try? removeOwn(at: path)
    }

    /// Whether one is there, and nothing else.
    static func isThere(_ path: String) -> Bool { (try? isOwn(path)) ?? false }

    private static func isOwn(_ path: String) throws(SystemCallFailure) -> Bool {
        let status = try Files.status(path)
        return status.kind == .regular && status.permissions == permissions && status.size == 0
    }

    private static func removeOwn(at path: String) throws(SystemCallFailure) {
        if try isOwn(path) { try Files.remove(path) }
    }
}
