import Foundation

/// The disk of a guest, which may write to it: what it writes is kept in a file of its own.
struct Disk: Sendable {
    /// An image that is only read, or what a guest has written on top of one.
    private var path: String
    private var isOverlay: Bool

    init(image: String) {
        (path, isOverlay) = (image, false)
    }

    /// One that is as this one is now, for another guest.
    func copy(at path: String) throws -> Disk {
        if isOverlay {
            try FileManager.default.copyItem(atPath: self.path, toPath: path)
        } else {
            try Tool.run("qemu-img", ["create", "-q", "-f", "qcow2", "-F", "raw", "-b", self.path, path])
        }
        var disk = self
        (disk.path, disk.isOverlay) = (path, true)
        return disk
    }

    /// What QEMU is told. No power cut is tested: nothing has to reach the disk of this machine.
    var arguments: [String] {
        ["-drive", "if=virtio,cache=unsafe,format=\(isOverlay ? "qcow2" : "raw"),file=\(path)"]
    }
}
