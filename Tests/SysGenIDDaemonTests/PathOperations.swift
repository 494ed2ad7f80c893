import Glibc
import Testing

/// Makes a symbolic link.
func link(_ path: String, to target: String) throws {
    try #require(symlink(target, path) == 0, "symlink: errno \(errno)")
}

/// Renames a file or a folder.
func move(_ path: String, to target: String) throws {
    try #require(rename(path, target) == 0, "rename: errno \(errno)")
}
