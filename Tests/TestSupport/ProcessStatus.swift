import Glibc

/// What the kernel says of a process or thread. See proc_pid_stat(5).
struct ProcessStatus {
    let parent: pid_t
    /// As `R` is a thread that runs, or could, and `S` one that sleeps.
    let state: Character
    /// The ticks of the processor, those of children that have ended included, and the pages that were waited for.
    let count: Int

    init?(_ path: String) {
        var text = [CChar](repeating: 0, count: 1_024)
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        guard read(file, &text, text.count - 1) > 0 else { return nil }
        // The name in brackets may have brackets and spaces in it.
        let fields = text.withUnsafeMutableBufferPointer { buffer -> (CChar, [Int])? in
            guard let bracket = strrchr(buffer.baseAddress!, CInt(UInt8(ascii: ")"))) else { return nil }
            var rest: UnsafeMutablePointer<CChar>? = bracket + 3
            return (bracket[2], (0..<14).map { _ in strtol(rest!, &rest, 10) })
        }
        guard let (letter, numbers) = fields else { return nil }
        state = Character(UnicodeScalar(UInt8(bitPattern: letter)))
        (parent, count) = (pid_t(numbers[0]), numbers[8] + numbers[10...13].reduce(0, +))
    }

    var isRunnable: Bool { state == "R" }

    /// All that a folder lists, by their numbers: the processes in `/proc`, or the threads of one in its `task`.
    static func all(in folder: String) -> [pid_t: ProcessStatus] {
        var statuses: [pid_t: ProcessStatus] = [:]
        for name in Scratch.names(in: folder) {
            guard let number = pid_t(name), let status = ProcessStatus("\(folder)/\(name)/stat") else { continue }
            statuses[number] = status
        }
        return statuses
    }

    /// All that a process has started, and they in turn, in no order.
    static func descendants(of process: pid_t, among all: [pid_t: ProcessStatus] = all(in: "/proc")) -> [pid_t] {
        var children: [pid_t: [pid_t]] = [:]
        for (number, status) in all { children[status.parent, default: []].append(number) }
        var (found, left) = ([pid_t](), children[process] ?? [])
        while let number = left.popLast() {
            found.append(number)
            left += children[number] ?? []
        }
        return found
    }
}
