import Foundation

/// A cpio archive as the kernel takes it for its first file system. See
/// "initramfs buffer format" in the kernel's documentation.
struct Archive {
    private(set) var bytes = Data()
    private var number: UInt32 = 1
    private var folders: Set<String> = []

    /// Adds a file, and the folders that lead to it.
    mutating func add(_ path: String, _ contents: Data, isExecutable: Bool = false) {
        addFolders(to: path)
        addEntry(path, mode: S_IFREG | (isExecutable ? 0o755 : 0o644), contents)
    }

    mutating func addLink(_ path: String, to target: String) {
        addFolders(to: path)
        addEntry(path, mode: S_IFLNK | 0o777, Data(target.utf8))
    }

    mutating func addFolder(_ path: String) {
        addFolders(to: path + "/")
    }

    mutating func addCharacterDevice(_ path: String, major: UInt32, minor: UInt32) {
        addFolders(to: path)
        addEntry(path, mode: S_IFCHR | 0o600, Data(), device: (major, minor))
    }

    /// Ends the archive.
    mutating func finish() {
        addEntry("TRAILER!!!", mode: 0, Data())
    }

    private mutating func addFolders(to path: String) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().filter { !$0.isEmpty }
        for count in 1..<(parts.count + 1) {
            let folder = parts.prefix(count).joined(separator: "/")
            if folders.insert(folder).inserted { addEntry(folder, mode: S_IFDIR | 0o755, Data()) }
        }
    }

    private mutating func addEntry(
        _ path: String, mode: UInt32, _ contents: Data, device: (major: UInt32, minor: UInt32) = (0, 0)
    ) {
        let name = Data((path.hasPrefix("/") ? String(path.dropFirst()) : path).utf8) + [0]
        let fields: [UInt32] = [
            number, mode, 0, 0, 1, 0, UInt32(contents.count), 0, 0, device.major, device.minor, UInt32(name.count), 0,
        ]
        number += 1
        bytes += Data("070701".utf8)
        for field in fields {
            let digits = String(field, radix: 16)
            bytes += Data((String(repeating: "0", count: 8 - digits.count) + digits).utf8)
        }
        bytes += name
        pad()
        bytes += contents
        pad()
    }

    private mutating func pad() {
        bytes += Data(repeating: 0, count: (4 - bytes.count % 4) % 4)
    }
}
