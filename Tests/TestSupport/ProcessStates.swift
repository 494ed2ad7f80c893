import Foundation

/// What the processes of the tests are about, for whoever has waited for them in vain.
public enum ProcessStates {
    /// Of a thousand threads most do the same.
    private static let threadsShown = 40

    /// A line each thread of all that this process has started, with what the kernel lets it wait for, and the stack of the
    /// kernel where that can be read.
    public static var ofAllStarted: String {
        ProcessStatus.descendants(of: getpid()).map { process in
            let command = read("/proc/\(process)/cmdline").replacing("\0", with: " ")
            let threads = ((try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/task")) ?? [])
                .prefix(threadsShown).map { thread in
                    let folder = "/proc/\(process)/task/\(thread)"
                    let state = read("\(folder)/stat").split(separator: ")").last?.prefix(2) ?? ""
                    let waits = ["comm", "wchan", "syscall"].map { read("\(folder)/\($0)").trimmed }
                    return "  \(thread)\(state) \(waits.joined(separator: " "))\n\(read("\(folder)/stack"))"
                }
            return "\(process) \(command.prefix(200))\n\(threads.joined())"
        }.joined(separator: "\n")
    }

    /// Whether the first thread of a process sleeps until it is answered, or woken.
    public static func isAsleep(_ process: pid_t) -> Bool { ProcessStatus("/proc/\(process)/stat")?.state == "S" }

    private static func read(_ path: String) -> String {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}

extension String {
    fileprivate var trimmed: String { trimmingCharacters(in: .whitespacesAndNewlines) }
}
