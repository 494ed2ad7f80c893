import Glibc
import SysGenIDSystem
import TestSupport

@testable import SysGenIDBackends

/// A device tree below a folder, made node by node.
final class DeviceTreeFixture {
    static let generationDevice = "microsoft,vmgenid\0"

    let scratch: Scratch
    /// The folder of the root node.
    let root: String

    init() throws {
        scratch = try Scratch()
        root = scratch.path("sys/firmware/devicetree/base")
        try Files.makeDirectories(root, permissions: 0o755)
    }

    /// The root of a tree whose addresses and sizes have so many cells, and the device, at 0x0001_2345_6000
    /// where the cells allow.
    convenience init(address: UInt32, size: UInt32) throws {
        try self.init()
        try set("/", "#address-cells", cells(address))
        try set("/", "#size-cells", cells(size))
        let reg: [UInt32] = (address == 2 ? [1] : []) + [0x2345_6000] + (size == 2 ? [0] : []) + [16]
        try set("/vmgenid", "compatible", text(Self.generationDevice))
        try set("/vmgenid", "reg", reg.flatMap { cells($0) })
    }

    func path(_ node: String) -> String { node == "/" ? root : root + node }

    /// Makes the node where it is not there yet, and gives it a property.
    func set(_ node: String, _ property: String, _ bytes: [UInt8]) throws {
        try Files.makeDirectories(path(node), permissions: 0o755)
        try Files.replace(path(node) + "/" + property, with: bytes, permissions: 0o644)
    }

    func remove(_ node: String, _ property: String) throws {
        try Files.remove(path(node) + "/" + property)
    }

    func tree(limits: DeviceTree.Limits = DeviceTree.Limits()) -> DeviceTree {
        DeviceTree(systemRoot: scratch.path, limits: limits)
    }

    /// The address, nil where there is none.
    var address: UInt64? { try? tree().generationAddress() }

    /// Why there is no address.
    func failure(limits: DeviceTree.Limits = DeviceTree.Limits()) -> String {
        do throws(SourceFailure) {
            return "it has the address \(try tree(limits: limits).generationAddress())"
        } catch {
            return error.description.contains("\n") ? "more than one line" : error.description
        }
    }
}

/// Cells as they lie in a property.
func cells(_ values: UInt32...) -> [UInt8] {
    values.flatMap { value in withUnsafeBytes(of: value.bigEndian, Array.init) }
}

func text(_ string: String) -> [UInt8] { Array(string.utf8) }
