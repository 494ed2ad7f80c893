internal import SysGenIDSystem

/// A node of the device tree. Its files are read when they are asked for.
final class DeviceTreeNode: Sendable {
    let path: String
    let parent: DeviceTreeNode?
    /// How many nodes are above this one.
    let depth: Int

    init(root path: String) {
        self.path = path
        parent = nil
        depth = 0
    }

    private init(path: String, parent: DeviceTreeNode) {
        self.path = path
        self.parent = parent
        depth = parent.depth + 1
    }

    /// The node below this one that has the name, whether there is one or not.
    func child(_ name: String) -> DeviceTreeNode {
        DeviceTreeNode(path: "\(path)/\(name)", parent: self)
    }

    /// Whether the node is there, and is no symbolic link to another.
    var isDirectory: Bool {
        (try? openFile(path, [.readOnly, .directory, .noFollow])) != nil
    }

    /// Whether the node says that it is this device. See section 2.3.1.
    func isCompatible(with name: String) -> Bool {
        strings("compatible").contains { $0.elementsEqual(name.utf8) }
    }

    /// Whether neither this node nor one above it is disabled. See section 2.3.4; the kernel takes "ok", too.
    var isAvailable: Bool {
        let status = strings("status")
        let isEnabled = status.first.map { $0.elementsEqual("okay".utf8) || $0.elementsEqual("ok".utf8) }
        return (isEnabled ?? true) && (parent?.isAvailable ?? true)
    }

    /// How many cells an address and a size have in the nodes right below this one. See section 2.3.5.
    func cellCounts() throws(SourceFailure) -> DeviceTreeCellCounts {
        DeviceTreeCellCounts(
            address: try cellCount("#address-cells") ?? 2,
            size: try cellCount("#size-cells") ?? 1)
    }

    /// The bytes of a property; nil where the node has no such property.
    func property(_ name: String) throws(SourceFailure) -> [UInt8]? {
        let path = "\(path)/\(name)"
        let bytes: [UInt8]?
        do throws(SystemCallFailure) {
            let file = try NamedFile(path, [.readOnly, .nonBlocking, .noFollow])
            bytes = try file.status().kind == .regular ? Self.readAll(file) : nil
        } catch {
            guard Files.exists(path) else { return nil }
            throw SourceFailure(UnusableReason(error), "cannot read \(path) (\(error.errno)): let the daemon read it")
        }
        guard let bytes else { throw SourceFailure(.damaged, "\(path) is not a regular file") }
        guard bytes.count <= Self.propertyLimit else {
            throw SourceFailure(.tooMuch, "\(path) is longer than \(Self.propertyLimit) bytes")
        }
        return bytes
    }

    /// No property that is read here is longer than this, in bytes.
    private static let propertyLimit = 16_384

    /// Reads a property, but hardly more than the limit.
    private static func readAll(_ file: borrowing NamedFile) throws(SystemCallFailure) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count <= propertyLimit {
            let part = try file.read(upTo: propertyLimit + 1 - bytes.count)
            if part.isEmpty { break }
            bytes += part
        }
        return bytes
    }

    /// The strings of a list, of which each ends with a zero; none where the property cannot be read.
    private func strings(_ name: String) -> [ArraySlice<UInt8>] {
        guard let bytes = try? property(name) else { return [] }
        return bytes.split(separator: 0, omittingEmptySubsequences: false).dropLast()
    }

    private func cellCount(_ name: String) throws(SourceFailure) -> Int? {
        guard let bytes = try property(name) else { return nil }
        var cells = DeviceTreeCells(bytes)
        guard let count = cells.take(1), cells.isEmpty, count == 1 || count == 2 else {
            throw SourceFailure(.damaged, "\(path)/\(name) is neither 1 nor 2")
        }
        return Int(count)
    }
}
