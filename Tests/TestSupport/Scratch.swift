import Glibc

/// A folder of a test's own, removed with all that is in it when the test is over.
public final class Scratch {
    public let path: String

    public init(in parent: String = "/tmp") throws {
        var template = Array("\(parent)/sysgenid-test-XXXXXX".utf8CString)
        let made = mkdtemp(&template).map { String(cString: $0) }
        guard let made else { throw NotMade(errno: errno) }
        path = made
    }

    deinit {
        Self.remove(path)
    }

    /// The path of a file in the folder.
    public func path(_ name: String) -> String { "\(path)/\(name)" }

    /// The names in the folder, sorted.
    public var names: [String] { Self.names(in: path).sorted() }

    public static func names(in folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// The folder could not be made.
    public struct NotMade: Error {
        public var errno: CInt
    }

    private static func remove(_ path: String) {
        guard unlink(path) != 0 else { return }
        for name in names(in: path) { remove("\(path)/\(name)") }
        rmdir(path)
    }
}
