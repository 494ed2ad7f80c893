import Foundation

/// What a process and those that it has started are about, for whoever has waited for them in vain.
public enum ProcessStates {
    /// A line each thread, with what the kernel lets it wait for, and the stack of the kernel where that can be read.
    public static func text(of process: pid_t) -> String {
        ([process] + children(of: process)).map { process in
            let command = read("/proc/\(process)/cmdline").replacing("\0", with: " ")
            let threads = ((try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/task")) ?? [])
                .map { thread in
                    let folder = "/proc/\(process)/task/\(thread)"
                    let state = read("\(folder)/stat").split(separator: ")").last?.prefix(2) ?? ""
                    let waits = ["comm", "wchan", "syscall"].map { read("\(folder)/\($0)").trimmed }
                    return "  \(thread)\(state) \(waits.joined(separator: " "))\n\(read("\(folder)/stack"))"
                }
            return "\(process) \(command.prefix(200))\n\(threads.joined())"
        }.joined(separator: "\n")
    }

    /// How long the processes have run so far, in ticks.
    public static func ticks(of process: pid_t) -> Int {
        ([process] + children(of: process)).reduce(0) { sum, process in
            // The name in brackets may have spaces.
            let fields = read("/proc/\(process)/stat").split(separator: ")").last?.split(separator: " ") ?? []
            return sum + (fields.count > 12 ? (Int(fields[11]) ?? 0) + (Int(fields[12]) ?? 0) : 0)
        }
    }

    private static func children(of process: pid_t) -> [pid_t] {
        read("/proc/\(process)/task/\(process)/children").split(separator: " ").compactMap { pid_t($0) }
            .flatMap { [$0] + children(of: $0) }
    }

    private static func read(_ path: String) -> String {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}

extension String {
    fileprivate var trimmed: String { trimmingCharacters(in: .whitespacesAndNewlines) }
}
