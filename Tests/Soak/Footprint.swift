import Foundation

/// What a daemon and its folder take.
struct Footprint {
    var residentBytes: Int
    var descriptors: Int
    var threads: Int
    /// What lies in the runtime directory, all of it in the kernel's page cache.
    var folderBytes: Int
    /// What the supervisor keeps open.
    var keptDescriptors: Int

    init(of stage: Stage) throws {
        let process = "/proc/\(stage.daemon)"
        let status = try String(contentsOfFile: process + "/status", encoding: .utf8)
        func number(_ name: String) throws -> Int {
            let line = status.split(separator: "\n").first { $0.hasPrefix(name + ":") }
            let words = line?.split(whereSeparator: \.isWhitespace) ?? []
            guard words.count > 1, let number = Int(words[1]) else { throw Failure("no \(name) of the daemon") }
            return number
        }
        residentBytes = try number("VmRSS") * 1_024
        threads = try number("Threads")
        descriptors = try FileManager.default.contentsOfDirectory(atPath: process + "/fd").count
        let kept = "/proc/\(stage.supervisor.processID)/fd"
        keptDescriptors = try FileManager.default.contentsOfDirectory(atPath: kept).count
        var system = statvfs()
        guard statvfs(stage.runtimeDirectory, &system) == 0 else { throw Failure("no runtime directory") }
        folderBytes = Int(system.f_blocks - system.f_bfree) * Int(system.f_frsize)
    }
}

/// The first footprint of a daemon at rest, and what has been seen since.
struct Growth {
    private let first: Footprint
    private var most: Footprint
    private(set) var last: Footprint

    init(from first: Footprint) {
        (self.first, most, last) = (first, first, first)
    }

    /// - Returns: what has grown beyond its bound.
    mutating func note(_ now: Footprint) -> [String] {
        last = now
        most.residentBytes = max(most.residentBytes, now.residentBytes)
        most.descriptors = max(most.descriptors, now.descriptors)
        most.threads = max(most.threads, now.threads)
        most.folderBytes = max(most.folderBytes, now.folderBytes)
        most.keptDescriptors = max(most.keptDescriptors, now.keptDescriptors)
        // The heap grows in steps to what the most clients at once have needed, by less than two MiB, and as much differs
        // between a daemon that has started and one that has taken over. What was left behind in each of thousands of
        // rounds would be more, at the latest after hours.
        let hasGrown = [
            ("memory", now.residentBytes > first.residentBytes + 4 << 20),
            // Of the thread that has asked last, three files below /proc are kept; one of the attributes may just be written.
            ("descriptors", now.descriptors > first.descriptors + 4),
            ("threads", now.threads != first.threads),
            // The file `forged` and an attribute that is being replaced, a page each.
            ("folder", now.folderBytes > first.folderBytes + 4 * 4_096),
            ("kept descriptors", now.keptDescriptors != first.keptDescriptors),
        ]
        return hasGrown.filter(\.1).map(\.0)
    }

    var summary: String {
        """
        memory: \(first.residentBytes >> 10) KiB at first, at most \(most.residentBytes >> 10), \
        \(last.residentBytes >> 10) at last
        descriptors: \(first.descriptors), at most \(most.descriptors); threads: \(first.threads), at most \(most.threads)
        runtime directory: \(first.folderBytes >> 10) KiB, at most \(most.folderBytes >> 10)
        descriptors of the supervisor: \(first.keptDescriptors), at most \(most.keptDescriptors)
        """
    }
}
