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
        let own = bytes(of: "VmRSS")
        return controlGroupFiles.compactMap { file in
            // "max", or a number of 63 bits, is none.
            guard let value = text(file).flatMap({ Int($0.prefix { $0 != "\n" }) }), value < 1 << 60 else { return nil }
            return Limit(name: file, bytesLeft: value - own)
        }
    }

    private var controlGroupFiles: [String] {
        (text("/proc/self/cgroup") ?? "").split(separator: "\n").flatMap { line -> [String] in
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { return [] }
            if parts[0] == "0", parts[1].isEmpty { return Self.files("memory.max", "/sys/fs/cgroup", parts[2]) }
            guard parts[1].split(separator: ",").contains("memory") else { return [] }
            return Self.files("memory.limit_in_bytes", "/sys/fs/cgroup/memory", parts[2])
        }
    }

    /// The file in the group's folder and in all above it, up to where the groups are mounted.
    private static func files(_ name: String, _ mount: String, _ group: Substring) -> [String] {
        let parts = group.split(separator: "/").filter { $0 != ".." }
        return (0...parts.count).map { count in
            ([mount] + parts.prefix(count).map(String.init) + [name]).joined(separator: "/")
        }
    }

    /// A line of /proc/self/status, which counts in KiB.
    private func bytes(of name: String) -> Int {
        let line = (text("/proc/self/status") ?? "").split(separator: "\n").first { $0.hasPrefix("\(name):") }
        return line.flatMap { Int($0.filter(\.isNumber)) }.map { $0 << 10 } ?? 0
    }

    private func limit(_ number: CInt) -> Int? {
        var limit = rlimit()
        guard getrlimit(number, &limit) == 0, limit.rlim_cur < 1 << 60 else { return nil }
        return Int(limit.rlim_cur)
    }

    private func text(_ path: String) -> String? {
        (try? Files.read(systemRoot + path)).map { String(decoding: $0, as: UTF8.self) }
    }
}
