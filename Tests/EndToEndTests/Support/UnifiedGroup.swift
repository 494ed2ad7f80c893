import Foundation
import SysGenIDSystem
import Testing

/// A control group as a container has it. See cgroups(7).
struct UnifiedGroup {
    let path: String

    /// Whether the daemon looks at groups on this kernel.
    static var isLookedAt: Bool {
        (try? KernelRelease.current()).map { ($0.major, $0.minor) >= (6, 8) } ?? true
    }

    /// Where groups of the second version are made; nil where there are none, or the daemon does not look at them.
    static var parent: String? {
        guard isLookedAt else { return nil }
        return ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"].first {
            access($0 + "/cgroup.controllers", F_OK) == 0 && access($0, W_OK) == 0
        }
    }

    init() throws {
        let parent = try #require(Self.parent)
        path = "\(parent)/sysgenid-test-\(UUID().uuidString.prefix(8)).scope"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }

    private init(path: String) {
        self.path = path
    }

    /// Makes a group that lies below it.
    func inside(_ name: String) throws -> UnifiedGroup {
        let inside = UnifiedGroup(path: "\(path)/\(name)")
        try FileManager.default.createDirectory(atPath: inside.path, withIntermediateDirectories: true)
        return inside
    }

    /// What starts a program in it, to be put before the program and its arguments.
    var entering: [String] { ["sh", "-c", "echo $$ >$0/cgroup.procs && exec \"$@\"", path] }

    /// Removes it with those below; all processes must have ended.
    func end() {
        let below = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
        for name in below.sorted(by: >) + [""] {
            for _ in 0..<1_000 where rmdir("\(path)/\(name)") != 0 && errno == EBUSY { usleep(10_000) }
        }
    }
}

extension Trait where Self == ConditionTrait {
    static var needsUnifiedGroups: Self {
        .enabled(
            if: UnifiedGroup.parent != nil || Machine.requiresAll && UnifiedGroup.isLookedAt,
            "needs Linux 6.8 and a tree of control groups of the second version")
    }
}
