import Foundation

/// What is made once and kept in the cache: to have it made anew, remove it.
enum Cached {
    /// Makes a folder under another name first, so that one that was left in the middle is never taken for whole.
    static func folder(_ path: String, make: (_ part: String) throws -> Void) throws {
        guard !FileManager.default.fileExists(atPath: path) else { return }
        let part = path + ".part"
        try? FileManager.default.removeItem(atPath: part)
        try FileManager.default.createDirectory(atPath: part, withIntermediateDirectories: true)
        try make(part)
        try FileManager.default.moveItem(atPath: part, toPath: path)
    }
}
