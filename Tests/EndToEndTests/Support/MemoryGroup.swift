import Foundation
import Testing

/// A control group with a limit of memory, of either version. See cgroups(7).
struct MemoryGroup {
    let path: String
    private let isFirstVersion: Bool

    /// Where groups can be made; nil where the machine has none that limit memory.
    static var parent: (path: String, isFirstVersion: Bool)? {
        if access("/sys/fs/cgroup/memory/memory.limit_in_bytes", F_OK) == 0 { return ("/sys/fs/cgroup/memory", true) }
        let controllers = try? String(contentsOfFile: "/sys/fs/cgroup/cgroup.subtree_control", encoding: .utf8)
        return controllers?.contains("memory") == true ? ("/sys/fs/cgroup", false) : nil
    }

    init(bytes: Int) throws {
        let parent = try #require(Self.parent)
        isFirstVersion = parent.isFirstVersion
        path = "\(parent.path)/sysgenid-test-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        try Data("\(bytes)\n".utf8).write(to: URL(filePath: limitFile))
    }

    var limitFile: String { path + (isFirstVersion ? "/memory.limit_in_bytes" : "/memory.max") }

    /// How many processes the kernel has killed because of the limit.
    func killedCount() throws -> Int {
        let file = path + (isFirstVersion ? "/memory.oom_control" : "/memory.events")
        let text = try String(contentsOfFile: file, encoding: .utf8)
        return try #require(text.firstMatch(of: #/oom_kill (\d+)/#).flatMap { Int($0.1) })
    }

    /// Removes the group; all processes in it must have ended.
    func end() {
        for _ in 0..<1_000 where rmdir(path) != 0 && errno == EBUSY { usleep(10_000) }
    }
}

extension Trait where Self == ConditionTrait {
    static var needsMemoryGroups: Self {
        .enabled(
            if: Machine.requiresAll || MemoryGroup.parent != nil, "needs control groups that limit memory: cgroups(7)")
    }
}
