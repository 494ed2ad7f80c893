internal import Glibc

/// How much memory the process may have, by the limits that somebody has set. Beyond one of them an allocation fails,
/// or the kernel ends the process; neither can be survived. See getrlimit(2) and cgroups(7).
public struct MemoryLimits {
    private let systemRoot: String

    /// - Parameter systemRoot: what stands before /proc and /sys.
    public init(systemRoot: String = "") {
        self.systemRoot = systemRoot
    }

    /// A limit, and how many bytes it leaves.
    public struct Limit: Hashable, Sendable {
        /// RLIMIT_AS, RLIMIT_DATA, or the file of a control group.
        public var name: String
        public var bytesLeft: Int

        public init(name: String, bytesLeft: Int) {
            self.name = name
            self.bytesLeft = bytesLeft
        }
    }

    /// The limit that leaves least; nil where there is none.
    ///
    /// - Parameter stacks: how many threads the process will start besides those that it has: their stacks count for
    ///   the limits of its addresses, though they stay empty for the most part.
    public func narrowest(beforeStacks stacks: Int) -> Limit? {
        let stackBytes = stacks * (limit(CInt(RLIMIT_STACK.rawValue)) ?? 8 << 20)
        let ofAddresses = [
            ("RLIMIT_AS", CInt(RLIMIT_AS.rawValue), "VmSize"),
            ("RLIMIT_DATA", CInt(RLIMIT_DATA.rawValue), "VmData"),
        ].compactMap { name, number, taken in
            limit(number).map { Limit(name: name, bytesLeft: $0 - bytes(of: taken) - stackBytes) }
        }
        return (ofAddresses + controlGroupLimits).min { $0.bytesLeft < $1.bytesLeft }
    }

    /// The limits of the control group and of those that it is in. What others take of them cannot be known.
    var controlGroupLimits: [Limit] {
        let limits = controlGroupFiles.compactMap { file in number(in: file).map { Limit(name: file, bytesLeft: $0) } }
        // To ask what the process has is not free.
        guard !limits.isEmpty, case let own = bytes(of: "VmRSS") else { return [] }
        return limits.map { Limit(name: $0.name, bytesLeft: $0.bytesLeft - own) }
    }

    private var controlGroupFiles: [String] {
        contents("/proc/self/cgroup").withUnsafeBytes { bytes in
            bytes.parts(between: "\n").flatMap { line -> [String] in
                var parts = line.parts(between: ":")
                guard let hierarchy = parts.nextEnded(), let controllers = parts.nextEnded(), let group = parts.rest
                else { return [] }
                if hierarchy.isText("0"), controllers.isEmpty {
                    return Self.files("memory.max", "/sys/fs/cgroup", group)
                }
                guard controllers.parts(between: ",").contains(where: { $0.isText("memory") }) else { return [] }
                return Self.files("memory.limit_in_bytes", "/sys/fs/cgroup/memory", group)
            }
        }
    }

    /// The file in the group's folder and in all above it, up to where the groups are mounted.
    private static func files(_ name: String, _ mount: String, _ group: UnsafeRawBufferPointer) -> [String] {
        var folder = mount
        var files = ["\(folder)/\(name)"]
        for part in group.parts(between: "/") where !part.isEmpty && !part.isText("..") {
            folder += "/" + String(decoding: part, as: UTF8.self)
            files.append("\(folder)/\(name)")
        }
        return files
    }

    /// What the first line of a file says; nil where that is "max", or a number of 63 bits, which are no limits.
    private func number(in file: String) -> Int? {
        let line = contents(file).prefix { $0 != UInt8(ascii: "\n") }
        return Int(String(decoding: line, as: UTF8.self)).flatMap { $0 < 1 << 60 ? $0 : nil }
    }

    /// A line of /proc/self/status, which counts in KiB.
    private func bytes(of name: String) -> Int {
        contents("/proc/self/status").withUnsafeBytes { bytes in
            for line in bytes.parts(between: "\n") {
                var parts = line.parts(between: ":")
                guard parts.nextEnded()?.isText(name) == true, let value = parts.rest else { continue }
                let digits = value.filter { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
                return (Int(String(decoding: digits, as: UTF8.self)) ?? 0) << 10
            }
            return 0
        }
    }

    private func limit(_ number: CInt) -> Int? {
        var limit = rlimit()
        guard getrlimit(number, &limit) == 0, limit.rlim_cur < 1 << 60 else { return nil }
        return Int(limit.rlim_cur)
    }

    private func contents(_ path: String) -> [UInt8] {
        (try? Files.read(systemRoot + path)) ?? []
    }
}
