internal import Glibc
internal import SystemPackage

/// Random bytes from outside of this machine, as from the host of a virtual one that has a virtio-rng device. See
/// Documentation/admin-guide/hw_random.rst of the kernel.
public struct HostEntropy: Sendable {
    public let path: String
    private let namePath: String

    /// How many bytes a system may hold that it had before it was resumed, so that all clones of it have the same: what
    /// the kernel has left of the last 64 that it read (rng_buffer in hw_random/core.c), and the 64 that the driver of
    /// virtio-rng asks the host for as soon as it has given the last ones away (since 5.16). Each is SMP_CACHE_BYTES, as
    /// of x86-64 and of arm64.
    static let staleLimit = 128
    /// How many bytes beyond those make a reading worth something.
    static let freshCount = 32
    /// How much of a reading no clone shares, and nobody but the host can know.
    public static let freshBits = CInt(8 * freshCount)
    static let count = staleLimit + freshCount

    /// - Parameter systemRoot: below which /dev and /sys are.
    public init(systemRoot: String = "/") {
        let root = Files.prefix(ofRoot: systemRoot)
        path = "\(root)/dev/hwrng"
        namePath = "\(root)/sys/class/misc/hw_random/rng_current"
    }

    /// What the kernel calls the generator behind the device, as `virtio_rng.0`; nil where there is none.
    public var generator: String? {
        guard let contents = try? Files.read(namePath, limit: 64) else { return nil }
        let name = String(decoding: contents, as: UTF8.self).split(separator: "\n").first.map(String.init)
        return name == "none" ? nil : name
    }

    /// Reads as many bytes as it takes to have fresh ones among them. It may wait for ever. With O_NONBLOCK some drivers
    /// would never give anything (virtio-rng before 5.16), and others would wait all the same.
    ///
    /// The device is opened each time: its module may come later, and it may be unplugged.
    ///
    /// - Parameter isWanted: whether to go on, asked before each reading.
    func read(while isWanted: () -> Bool) -> Result<[UInt8], HostEntropyMissing> {
        do throws(SystemCallFailure) {
            // A plain file would give each clone the same, and a FIFO could not even be opened without waiting.
            guard try Files.status(path).kind == .characterDevice else { return missing("is no device") }
            let device = try NamedFile(path, .readOnly)
            var bytes = [UInt8](repeating: 0, count: Self.count)
            var count = 0
            while count < Self.count {
                guard isWanted() else { return missing("was too slow") }
                let part = try device.read(into: &bytes, from: count)
                guard part > 0 else { return missing("has come to its end") }
                count += part
            }
            return .success(bytes)
        } catch {
            return switch error.errno {
            case .noSuchFileOrDirectory: missing("is missing")
            case .operationNotSupportedByDevice: missing("has no generator behind it")
            default: .failure(HostEntropyMissing("\(error)"))
            }
        }
    }

    /// Why there is no device at present; nil where there may be one.
    var absence: HostEntropyMissing? { Files.exists(path) ? nil : HostEntropyMissing("\(path) is missing") }

    private func missing(_ what: String) -> Result<[UInt8], HostEntropyMissing> {
        .failure(HostEntropyMissing("\(path) \(what)"))
    }
}

/// Why there are no fresh bytes of the host's, in one line.
public struct HostEntropyMissing: Error, Hashable, Sendable, CustomStringConvertible {
    public var description: String

    public init(_ description: String) {
        self.description = description
    }
}

extension NamedFile {
    /// Reads into the bytes from the index on, and returns how many were read. See read(2).
    fileprivate func read(into bytes: inout [UInt8], from index: Int) throws(SystemCallFailure) -> Int {
        try describing("read", path) { () throws(Errno) in
            try bytes.withUnsafeMutableBufferPointer { room throws(Errno) in
                try descriptor.read(
                    into: UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: room[index...]))
                )
                .count
            }
        }
    }
}

extension [UInt8] {
    /// Overwrites what nobody may find in a later snapshot.
    public mutating func wipe() { withUnsafeMutableBytes { $0.wipe() } }
}

extension UnsafeMutableRawBufferPointer {
    /// Overwrites what nobody may find in a later snapshot. See explicit_bzero(3).
    @usableFromInline func wipe() {
        guard let baseAddress else { return }
        explicit_bzero(baseAddress, count)
    }
}
