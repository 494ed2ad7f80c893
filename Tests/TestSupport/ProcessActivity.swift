import Glibc

/// What a process and those that it has started have done until a moment, as the kernel counts it.
struct ProcessActivity {
    /// By the number of a process or thread.
    private var counts: [pid_t: Int] = [:]
    private var isAnyRunnable = false
    private let processes: [pid_t]

    init(of process: pid_t) {
        let all = ProcessStatus.all(in: "/proc")
        let isOwn = process == getpid()
        processes = ProcessStatus.descendants(of: process, among: all) + (isOwn ? [] : [process])
        for number in processes { add(number, all[number]) }
        guard isOwn else { return }
        // Without the one that asks, and that does nothing but wait.
        let asking = Self.thisThread
        for (number, status) in ProcessStatus.all(in: "/proc/self/task") where number != asking { add(number, status) }
    }

    private mutating func add(_ number: pid_t, _ status: ProcessStatus?) {
        guard let status else { return }
        counts[number] = status.count
        isAnyRunnable = isAnyRunnable || status.isRunnable
    }

    /// Whether one of them has run since, or was started or has ended, or is only waiting for a processor.
    func hasMoved(since before: ProcessActivity) -> Bool {
        counts != before.counts || isAnyRunnable
            || processes.contains { ProcessStatus.all(in: "/proc/\($0)/task").values.contains(where: \.isRunnable) }
    }

    private static var thisThread: pid_t? {
        var link = [CChar](repeating: 0, count: 64)
        let length = readlink("/proc/thread-self", &link, link.count)
        return String(decoding: link.prefix(max(0, length)).map(UInt8.init(bitPattern:)), as: UTF8.self)
            .split(separator: "/").last.flatMap { pid_t($0) }
    }
}
