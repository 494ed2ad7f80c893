internal import CConformanceClients
internal import Glibc

/// How one row ended.
enum Verdict: Equatable, Sendable {
    case passed
    case failed(String)
    case skipped(String)
}

/// How many rows ended in which way.
struct Tally: Equatable, Sendable {
    var passed = 0
    var failed = 0
    var skipped = 0

    var summary: String {
        "\(passed) passed, \(failed) failed" + (skipped > 0 ? ", \(skipped) skipped" : "")
    }

    mutating func count(_ verdict: Verdict) {
        switch verdict {
        case .passed: passed += 1
        case .failed: failed += 1
        case .skipped: skipped += 1
        }
    }
}

/// Runs rows one after the other, each in a process of its own and within its time, so that a device that
/// hangs, or a row that crashes, costs no more than that row.
struct Runner {
    /// After so many rows that hung the run ends: the device is beyond help.
    private static let hangsTolerated = 3
    /// What a pipe takes whole, with room for the verdict's mark.
    private static let textLimit = 4_000

    let device: Device
    /// Whether a row that is skipped counts as failed.
    let requiresAll: Bool
    let report: (String) -> Void

    func run(_ rows: [Row]) -> Tally {
        client_adopt_orphans()
        var tally = Tally()
        var hangs = 0
        for (index, row) in rows.enumerated() {
            let (verdict, hasHung) = run(row)
            tally.count(judged(verdict))
            report(line(judged(verdict), row.name))
            hangs += hasHung ? 1 : 0
            guard hangs < Self.hangsTolerated else {
                let left = rows.count - index - 1
                report("\(hangs) rows hung: the other \(left) count as failed without being run")
                tally.failed += left
                break
            }
        }
        report(tally.summary)
        return tally
    }

    /// Whether the path is such a device at all; what is wrong where it is not.
    func preflight() -> Verdict {
        run(
            Row("device: answers as a System Generation ID device", timeLimit: { _ in patience }) { device in
                let watcher = try device.open(O_RDONLY)
                try expectResult(watcher.request(.countOutdated), Request.countOutdated.name)
            }
        ).verdict
    }

    /// Whether the path is a page in the layout of a vmclock at all; what is wrong where it is not.
    func clockPreflight() -> Verdict {
        run(
            Row("device: answers as a vmclock", timeLimit: { _ in patience }) { device in
                try expect(device.openClock().clockWord(at: ClockWord.magic), equals: 0x4b4c_4356, "magic")
            }
        ).verdict
    }

    func line(_ verdict: Verdict, _ name: String) -> String {
        switch verdict {
        case .passed: "ok   \(name)"
        case .failed(let text): "FAIL \(name): \(text)"
        case .skipped(let reason): "skip \(name): \(reason)"
        }
    }

    private func judged(_ verdict: Verdict) -> Verdict {
        guard requiresAll, case .skipped(let reason) = verdict else { return verdict }
        return .failed("expected to be run, got skipped: \(reason)")
    }

    private func run(_ row: Row) -> (verdict: Verdict, hasHung: Bool) {
        do {
            let timeLimit = row.timeLimit(device)
            let process = try startChild(inOwnGroup: true, keeping: []) { pipe in
                let message = Array(encoded(outcome(of: row)).utf8.prefix(Self.textLimit))
                _ = Glibc.write(pipe, message, message.count)
            }
            return withUnsafePointer(to: process) { finish($0, timeLimit) }
        } catch {
            return (verdict(for: error), false)
        }
    }

    private func finish(
        _ process: UnsafePointer<client_process>, _ timeLimit: CInt
    ) -> (verdict: Verdict, hasHung: Bool) {
        var message = [UInt8](repeating: 0, count: Self.textLimit)
        let count = client_receive(process, &message, message.count, timeLimit)
        let hasEnded = client_end_group(process, patience)
        _ = client_close(process.pointee.pipe)
        let limit = "an end within \(timeLimit / 1_000) s"
        let verdict = count >= 0 ? decoded(String(decoding: message.prefix(count), as: UTF8.self)) : nil
        guard hasEnded else {
            let cause = if case .failed(let text)? = verdict { " (\(text))" } else { "" }
            return (.failed("expected \(limit), got a hang that SIGKILL does not end\(cause)"), true)
        }
        guard let verdict else { return (.failed("expected \(limit), got a hang"), true) }
        return (verdict, false)
    }

    private func outcome(of row: Row) -> Verdict {
        do {
            for need in row.needs {
                if let obstacle = try need.obstacle(on: device) { return .skipped(obstacle) }
            }
            try row.body(device)
            return .passed
        } catch {
            return verdict(for: error)
        }
    }

    private func verdict(for error: any Error) -> Verdict {
        switch error {
        case let mismatch as Mismatch: .failed(mismatch.text)
        case let skipped as Skipped: .skipped(skipped.reason)
        default: .failed("\(error)")
        }
    }

    private func encoded(_ verdict: Verdict) -> String {
        switch verdict {
        case .passed: "p"
        case .failed(let text): "f\(text)"
        case .skipped(let reason): "s\(reason)"
        }
    }

    private func decoded(_ message: String) -> Verdict {
        switch message.first {
        case "p": .passed
        case "f": .failed(String(message.dropFirst()))
        case "s": .skipped(String(message.dropFirst()))
        default: .failed("expected a verdict, got a row that crashed")
        }
    }
}
