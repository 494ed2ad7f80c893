import Foundation

/// How many allocations each thread has made so far, as `allocation-counter` counts them.
struct AllocationCounts {
    private var counts: [Int: Double] = [:]

    init(_ path: String) throws {
        let words = try Data(contentsOf: URL(filePath: path)).withUnsafeBytes { Array($0.bindMemory(to: Int64.self)) }
        for index in stride(from: 0, to: words.count - 1, by: 2) where words[index] != 0 {
            counts[Int(words[index]), default: 0] += Double(words[index + 1])
        }
    }

    func since(_ earlier: AllocationCounts, _ thread: Int) -> Costs.Counts {
        let own = counts[thread, default: 0] - earlier.counts[thread, default: 0]
        let all = counts.values.reduce(0, +) - earlier.counts.values.reduce(0, +)
        return (["": own], ["": all - own])
    }
}

/// The system calls of a program between two moments, by strace(1).
final class CallTrace {
    private let tracer: Program
    private let path: String

    init(of program: Program, in bench: Bench) throws {
        path = bench.folder + "/calls"
        let messages = bench.folder + "/strace"
        try Data().write(to: URL(filePath: path))
        tracer = try Program(
            "/usr/bin/strace", ["-f", "-e", "signal=none", "-o", path, "-p", "\(program.processID)"],
            outputPath: messages)
        let threads = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(program.processID)/task").count
        for _ in 0..<1_000 {
            let text = (try? String(contentsOfFile: messages, encoding: .utf8)) ?? ""
            if text.split(separator: "attached").count > 1, text.contains("\(threads) threads") || threads == 1 {
                return
            }
            usleep(10_000)
        }
        throw Failure("strace does not come to run: \((try? String(contentsOfFile: messages, encoding: .utf8)) ?? "")")
    }

    func end(_ thread: Int) throws -> Costs.Counts {
        var counts: Costs.Counts = ([:], [:])
        for call in try calls() {
            if call.caller == thread {
                counts.own[call.name, default: 0] += 1
            } else {
                counts.others[call.name, default: 0] += 1
            }
        }
        return counts
    }

    /// Ends, and returns the calls in the order in which they began.
    func calls() throws -> [(caller: Int, name: String)] {
        kill(tracer.processID, SIGINT)
        tracer.terminate()
        return try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").compactMap { line in
            // "4711  read(5, ..." is a call; "4711  <... read resumed>" is the rest of one.
            let words = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
            guard words.count == 2, let caller = Int(words[0]),
                let name = words[1].drop(while: { $0 == " " }).split(separator: "(").first,
                !name.contains("<"), !name.contains("+")
            else { return nil }
            return (caller, String(name))
        }
    }
}
