internal import SysGenIDSystem

/// The device tree of the machine, as the kernel shows it: a directory a node, a file a property. See the
/// Devicetree Specification 0.4, and Documentation/ABI/testing/sysfs-firmware-ofw of the kernel.
struct DeviceTree {
    private let root: DeviceTreeNode
    private let limits: Limits

    /// How much of a tree is looked at. No machine's tree comes near, and the depth is the kernel's own limit.
    struct Limits {
        var depth = 64
        var nodes = 16_384
        var namesInNode = 8_192
    }

    /// - Parameter systemRoot: the directory below which /sys is.
    init(systemRoot: String = "/", limits: Limits = Limits()) {
        root = DeviceTreeNode(root: Surroundings.absolutePath("\(systemRoot)/sys/firmware/devicetree/base"))
        self.limits = limits
    }

    /// The physical address of the 16 bytes of the VM generation ID. See
    /// Documentation/devicetree/bindings/rng/microsoft,vmgenid.yaml of the kernel.
    func generationAddress() throws(SourceFailure) -> UInt64 {
        guard Files.exists(root.path) else {
            throw SourceFailure(.noInterface, "\(root.path) is missing: this machine has no device tree")
        }
        let name = "microsoft,vmgenid"
        guard let address = try address(ofThe: name, byteCount: 16) else {
            throw SourceFailure(
                .noDevice, "no node below \(root.path) is a \(name) device: the hypervisor offers none")
        }
        return address
    }

    /// The physical address of the vmclock's page; nil where there is none. See
    /// Documentation/devicetree/bindings/ptp/amazon,vmclock.yaml of the kernel.
    func vmclockAddress() throws(SourceFailure) -> UInt64? {
        guard Files.exists(root.path) else { return nil }
        return try address(ofThe: "amazon,vmclock", byteCount: UInt64(VMClockPage.byteCount))
    }

    /// Where the first region of the one device of this name lies; nil where there is none.
    private func address(ofThe name: String, byteCount: UInt64) throws(SourceFailure) -> UInt64? {
        let devices = try nodes(compatibleWith: name)
        guard let device = devices.first else { return nil }
        guard devices.count == 1 else {
            let paths = devices.prefix(2).map(\.path).sorted().joined(separator: " and ")
            throw SourceFailure(.ambiguous, "\(paths) are both \(name) devices: there must be one")
        }
        let address = try device.physicalAddress(byteCount: byteCount)
        guard address != 0 else { throw SourceFailure(.addressRefused, "\(device.path) has the physical address 0") }
        return address
    }

    /// The nodes that are this device and are not disabled.
    private func nodes(compatibleWith name: String) throws(SourceFailure) -> [DeviceTreeNode] {
        var found: [DeviceTreeNode] = []
        var pending = [root]
        var count = 1
        while let node = pending.popLast() {
            if node.isCompatible(with: name), node.isAvailable { found.append(node) }
            let children = try children(of: node)
            count += children.count
            guard count <= limits.nodes else {
                throw SourceFailure(.tooMuch, "\(root.path) has more than \(limits.nodes) nodes: it is not read")
            }
            guard children.isEmpty || node.depth < limits.depth else {
                throw SourceFailure(
                    .tooMuch, "\(node.path) is \(limits.depth) nodes below the root: the tree is not read")
            }
            pending += children
        }
        return found
    }

    private func children(of node: DeviceTreeNode) throws(SourceFailure) -> [DeviceTreeNode] {
        do throws(SystemCallFailure) {
            return try Files.names(in: node.path, limit: limits.namesInNode).map(node.child).filter(\.isDirectory)
        } catch {
            throw SourceFailure(
                UnusableReason(error),
                "cannot list \(node.path), with \(limits.namesInNode) entries at most (\(error.errno))")
        }
    }
}
