internal import Glibc
internal import SystemPackage

extension Files {
    /// The names in a directory without `.` and `..`, sorted by their bytes. Names that are not UTF-8 are left
    /// out. See readdir(3).
    ///
    /// - Throws: `.overflow` where there are more than `limit` names.
    public static func names(in path: String, limit: Int) throws(SystemCallFailure) -> [String] {
        let stream = try DirectoryStream(path)
        return try describing("readdir", path) { () throws(Errno) in
            var names: [String] = []
            while let name = try stream.next() {
                guard let name, name != ".", name != ".." else { continue }
                guard names.count < limit else { throw .overflow }
                names.append(name)
            }
            return names.sorted()
        }
    }
}

/// A directory that is read entry by entry.
private struct DirectoryStream: ~Copyable {
    private let stream: OpaquePointer

    /// See opendir(3). The descriptor is close-on-exec.
    init(_ path: String) throws(SystemCallFailure) {
        guard let stream = opendir(path) else { throw SystemCallFailure("opendir", path, Errno(rawValue: errno)) }
        self.stream = stream
    }

    deinit {
        closedir(stream)
    }

    /// The next entry's name; nil in it where it is not UTF-8, and nil at the end.
    func next() throws(Errno) -> String?? {
        errno = 0
        guard let entry = readdir(stream) else {
            guard errno == 0 else { throw Errno(rawValue: errno) }
            return nil
        }
        return withUnsafeBytes(of: &entry.pointee.d_name) { name in
            .some(String(validating: name.prefix { $0 != 0 }, as: UTF8.self))
        }
    }
}
