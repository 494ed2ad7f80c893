internal import Glibc

/// In which control group a process is, as far as it cannot choose that itself. See cgroups(7).
///
/// systemd gives services, scopes and the slices of users, and what lies below them, away to those who run there. It
/// never gives away another slice. So the path is cut after the first of them, which is one container, service or user;
/// what lies below is nobody's word but their own. Where others than systemd make the groups nobody can tell, and the
/// path is taken whole: who may make groups has as many as he likes then, but nobody has less for it.
enum ControlGroups {
    /// Whether /proc tells the group without the lock that is held whenever groups are made and removed, which anybody
    /// with a part of the tree can do all the time (6.8).
    private static let canBeLookedAt = (try? KernelRelease.current()).map { ($0.major, $0.minor) >= (6, 8) } ?? false

    /// The file that tells the groups of a thread, however they change; nil where it cannot be opened.
    static func file(of thread: Int32) -> OwnedDescriptor? {
        canBeLookedAt ? try? openFile("/proc/\(thread)/cgroup", .readOnly) : nil
    }

    /// The group of a thread; nil where none can be told.
    static func unit(of thread: Int32) -> [UInt8]? {
        guard let file = file(of: thread) else { return nil }
        return unit(in: file)
    }

    /// What an open file of this kind says at present.
    static func unit(in file: borrowing OwnedDescriptor) -> [UInt8]? {
        let descriptor = file.rawValue
        return withUnsafeTemporaryAllocation(byteCount: 4_096, alignment: 1) { buffer in
            let count = pread(descriptor, buffer.baseAddress, buffer.count, 0)
            guard count > 0 else { return nil }
            return unit(in: UnsafeRawBufferPointer(rebasing: buffer[..<count]), isWhole: count < buffer.count)
        }
    }

    /// The group in the text of such a file; nil where there is nothing to tell apart.
    ///
    /// - Parameter isWhole: there is no more of the text.
    static func unit(in text: some Collection<UInt8>, isWhole: Bool) -> [UInt8]? {
        let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: true)
        // That of the second version. Before it there may be lines of the first, and their paths may be long: whoever
        // hides the line in that way is counted with all the others who do.
        guard let line = lines.first(where: { $0.starts(with: "0::/".utf8) }) else {
            return isWhole ? nil : Array("hidden".utf8)
        }
        // What lies outside of this process's cgroup namespace has ".." before it.
        let names = line.dropFirst(4).split(separator: UInt8(ascii: "/")).map { String(decoding: $0, as: UTF8.self) }
            .drop { $0 == ".." }
        guard let first = names.first else { return nil }
        let isOfSystemd = [".slice", ".service", ".scope"].contains { first.hasSuffix($0) }
        var unit = ""
        var parent = ""
        for name in names {
            unit += "/" + name
            if isOfSystemd, !name.hasSuffix(".slice") || parent == "user.slice" { break }
            parent = name
        }
        return Array(unit.utf8)
    }
}
