import Glibc
import TestSupport

@testable import SysGenIDBackends

extension FuzzTarget {
    /// The reader of device trees. The bytes are decoded to a small tree, which is written to files in memory.
    /// What is read there has to be what a model makes of the same tree.
    static let deviceTree = FuzzTarget(name: "device-tree") { bytes in
        let root = ModelNode.decode(bytes)
        let scratch = try Scratch(in: "/dev/shm")
        try root.write(to: scratch.path("sys/firmware/devicetree/base"))
        let limits = DeviceTree.Limits(depth: 6, nodes: 24, namesInNode: 12)
        let tree = DeviceTree(systemRoot: scratch.path, limits: limits)
        let outcome = address(in: tree)
        try demand(outcome == address(in: tree), "\(outcome) only once")
        let expected = root.generationAddress(limits)
        switch outcome {
        case .success(let address):
            try demand(address == expected, "the address \(address), and not \(String(describing: expected))")
            try demand(address > 0 && address <= .max - 15, "the address \(address)")
        case .failure(let failure):
            try demand(expected == nil, "\(failure), and not the address \(String(describing: expected))")
            try demand(!failure.description.utf8.contains(UInt8(ascii: "\n")), "a message of several lines")
        }
        return expected != nil
    }

    private static func address(in tree: DeviceTree) -> Result<UInt64, SourceFailure> {
        do throws(SourceFailure) { return .success(try tree.generationAddress()) } catch { return .failure(error) }
    }
}

/// A node of a tree that is made of the fuzzer's bytes.
final class ModelNode {
    let depth: Int
    private(set) weak var parent: ModelNode?
    private(set) var children: [(name: String, node: ModelNode)] = []
    private(set) var properties: [String: [UInt8]] = [:]

    private init(below parent: ModelNode? = nil) {
        self.parent = parent
        depth = parent.map { $0.depth + 1 } ?? 0
    }

    /// The tree that bytes stand for: a byte each step. Its lowest three bits say which one, the others the
    /// child's number or how long the property is whose bytes follow.
    static func decode(_ bytes: [UInt8]) -> ModelNode {
        let root = ModelNode()
        var node = root
        var rest = bytes[...]
        var nodeCount = 1
        while let step = rest.popFirst() {
            let number = Int(step >> 3)
            switch step & 7 {
            case 0 where nodeCount < 40:
                let child = ModelNode(below: node)
                node.children.append(("node@\(number).\(nodeCount)", child))
                nodeCount += 1
                node = child
            case 0, 1:
                node = node.parent ?? root
            case let property:
                // From 24 on a cell more each, so that there may be several entries.
                let value = rest.prefix(number < 24 ? number : 24 + (number - 24) * 4)
                rest = rest.dropFirst(value.count)
                node.properties[propertyNames[Int(property) - 2]] = Array(value)
            }
        }
        return root
    }

    private static let propertyNames = ["compatible", "status", "reg", "ranges", "#address-cells", "#size-cells"]

    /// Makes the folder, with a file each property and a folder each child.
    func write(to path: String) throws {
        try makeFolders(path)
        for (name, value) in properties {
            let descriptor = open("\(path)/\(name)", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            defer { close(descriptor) }
            try demand(Glibc.write(descriptor, value, value.count) == value.count, "\(path)/\(name) is not written")
        }
        for (name, child) in children { try child.write(to: "\(path)/\(name)") }
    }

    private func makeFolders(_ path: String) throws(Violation) {
        if mkdir(path, 0o700) == 0 { return }
        try demand(errno == ENOENT, "\(path) is not made")
        try makeFolders(String(path[..<path.lastIndex(of: "/")!]))
        try demand(mkdir(path, 0o700) == 0, "\(path) is not made")
    }
}
