internal import Glibc
internal import SystemPackage

/// What a process was started with.
public enum Surroundings {
    /// The value of an environment variable; nil where it is unset or empty. See getenv(3).
    public static func variable(_ name: String) -> String? {
        guard let value = getenv(name), value.pointee != 0 else { return nil }
        return String(cString: value)
    }

    /// Whether the environment asks to keep all privileges, for whoever looks at the process with a debugger or
    /// a sanitizer.
    public static let isSandboxDisabled = variable("SYSGENID_DISABLE_SANDBOX") != nil

    /// The path from the root, without `.` and `..`; symbolic links stay. See getcwd(3).
    public static func absolutePath(_ path: String) -> String {
        let path = FilePath(path)
        guard path.isRelative, let directory = getcwd(nil, 0) else { return path.lexicallyNormalized().string }
        defer { free(directory) }
        return FilePath(String(cString: directory)).pushing(path).lexicallyNormalized().string
    }

    /// The path from the root without symbolic links, where they lead somewhere; otherwise `absolutePath`. See
    /// realpath(3).
    public static func resolvedPath(_ path: String) -> String {
        guard let resolved = realpath(path, nil) else { return absolutePath(path) }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
