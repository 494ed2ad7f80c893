import Glibc

/// What a process and those that it has started have done until a moment, as the kernel counts it.
struct ProcessActivity {
    /// By the number of a process or thread.
    private(set) var counts: [pid_t: Int]
    private var isAnyRunnable = false
    private let processes: [pid_t]

    /// How much is no movement: a daemon that looks twenty times in a second whether it has anything to do, and has not,
    /// takes a tick of the processor now and then.
    private static let ofIdleness = 1

    /// - Parameter counts: what each process or thread has done so far, by its number. None of them can run.
    init(counts: [pid_t: Int]) {
        (self.counts, processes) = (counts, [])
    }

    init(of process: pid_t) {
        let all = ProcessStatus.all(in: "/proc")
        let isOwn = process == getpid()
        counts = [:]
        processes = ProcessStatus.descendants(of: process, among: all) + (isOwn ? [] : [process])
        for number in processes { add(number, all[number]) }
        guard isOwn else { return }
        let waiting = Waiter.threads
        for (number, status) in ProcessStatus.all(in: "/proc/self/task") where !waiting.contains(number) {
            add(number, status)
        }
    }

    private mutating func add(_ number: pid_t, _ status: ProcessStatus?) {
        guard let status else { return }
        counts[number] = status.count
        isAnyRunnable = isAnyRunnable || status.isRunnable
    }

    /// Whether one of them has run since, or was started or has ended, or is only waiting for a processor.
    func hasMoved(since before: ProcessActivity) -> Bool {
        counts.keys != before.counts.keys || isAnyRunnable
            || counts.contains { number, count in count - before.counts[number, default: 0] > Self.ofIdleness }
            || processes.contains { ProcessStatus.all(in: "/proc/\($0)/task").values.contains(where: \.isRunnable) }
    }

    static var thisThread: pid_t? {
        var link = [CChar](repeating: 0, count: 64)
        let length = readlink("/proc/thread-self", &link, link.count)
        return String(decoding: link.prefix(max(0, length)).map(UInt8.init(bitPattern:)), as: UTF8.self)
            .split(separator: "/").last.flatMap { pid_t($0) }
    }
}
