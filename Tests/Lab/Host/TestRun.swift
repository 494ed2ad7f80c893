import Foundation

/// One test on one kernel.
struct TestRun: Sendable {
    var test: GuestTest
    var kernel: Kernel
    var machine: Machine
    /// Where the folder of the run is made.
    var logs: String

    private var folder: String { "\(logs)/\(kernel.name)/\(test.name)" }
    /// One at a time: a guest that asks for a snapshot has read its own one to the end.
    private var snapshot: String { "\(folder)/snapshot" }

    /// Runs it to its end; a test with clones has a result for each.
    func run() -> [TestResult] {
        let results = play(machine, named: test.name, in: folder, since: Date())
        if !results.contains(where: \.hasFailed) { removeLargeFiles() }
        return results
    }

    private func removeLargeFiles() {
        for name in FileManager.default.subpaths(atPath: folder) ?? [] {
            guard ["snapshot", "disk"].contains(URL(filePath: name).lastPathComponent) else { continue }
            try? FileManager.default.removeItem(atPath: "\(folder)/\(name)")
        }
    }

    /// Runs a guest, and those that follow from it. There is a result for each that was not snapshotted.
    private func play(_ machine: Machine, named name: String, in folder: String, since start: Date) -> [TestResult] {
        do {
            let guest = try Guest(machine, seconds: test.limit, folder: folder)
            let event = guest.waitForEvent()
            switch event {
            case .wantsBoot where machine.boots < test.boots:
                let result = judge(guest, event, machine, name, start)
                return [result] + (result.hasFailed ? [] : reboot(machine, with: guest.disk))
            case .wantsSnapshot where machine.resumes < test.resumes:
                let complaints = complaints(guest)
                guard complaints.isEmpty else { return [result(name, start, .failed(complaints, folder))] }
                try guest.snapshot(to: snapshot)
                return resume(machine, with: guest.disk, since: start)
            default: return [judge(guest, event, machine, name, start)]
            }
        } catch {
            return [result(name, start, .failed(["\(error)"], folder))]
        }
    }

    private func reboot(_ machine: Machine, with disk: Disk?) -> [TestResult] {
        let machine = machine.rebooted(with: disk)
        return play(
            machine, named: "\(test.name) boot \(machine.boots)", in: "\(folder)/boot-\(machine.boots)", since: Date())
    }

    /// - Parameter start: what came before the snapshot counts to the first clone's time.
    private func resume(_ machine: Machine, with disk: Disk?, since start: Date) -> [TestResult] {
        var start = start
        let results = test.clones.enumerated().flatMap { index, clone in
            defer { start = Date() }
            let (name, folder) = self.name(of: clone, index + 1, resume: machine.resumes + 1)
            return play(
                machine.resumed(from: snapshot, with: disk, as: clone), named: name, in: folder, since: start)
        }
        return results + compare(results)
    }

    /// The result of comparing what the clones have reported; none where there is nothing to compare, or not all of it.
    private func compare(_ results: [TestResult]) -> [TestResult] {
        guard !test.comparison.isEmpty, !results.contains(where: \.hasFailed) else { return [] }
        let complaints = test.comparison.complaints(about: results.map(\.values))
        let outcome: TestResult.Outcome =
            complaints.isEmpty
            ? .passed(checks: test.comparison.count, figures: []) : .failed(complaints, folder)
        return [result("\(test.name) compared", Date(), outcome)]
    }

    /// What a resumed guest is called, and where it keeps what tells of it.
    private func name(of clone: GuestTest.Clone, _ number: Int, resume: Int) -> (name: String, folder: String) {
        if test.resumes > 1 { return ("\(test.name) resume \(resume)", "\(folder)/resume-\(resume)") }
        return ("\(test.name) clone \(number) (\(clone.rawValue))", "\(folder)/clone-\(number)")
    }

    private func judge(
        _ guest: Guest, _ event: Guest.Event, _ machine: Machine, _ name: String, _ start: Date
    ) -> TestResult {
        var complaints = complaints(guest)
        let report = guest.report
        switch event {
        case .hung:
            guest.kill()
            complaints.insert("hung: it was not done within \(Int(test.limit)) s, \(guest.latest)", at: 0)
        case .wantsSnapshot:
            complaints.append("it wants to be resumed more than the \(test.resumes) times of its header")
        case .wantsBoot, .ended:
            if guest.exitCode != 0 { complaints.append("QEMU ended with \(guest.exitCode ?? -1)") }
            complaints += complaintsAboutEnd(guest, event, machine)
        }
        guard complaints.isEmpty else { return result(name, start, .failed(complaints, guest.folder)) }
        let count = report.count { $0.hasPrefix("ok ") }
        guard count > 0 else { return result(name, start, .failed(["it checked nothing"], guest.folder)) }
        let figures = report.filter { $0.hasPrefix("figure ") }.map { String($0.dropFirst(7)) }
        var passed = result(name, start, .passed(checks: count, figures: figures))
        passed.values = Comparison.values(in: report)
        return passed
    }

    /// What is wrong with it, apart from what it has reported.
    private func complaintsAboutEnd(_ guest: Guest, _ event: Guest.Event, _ machine: Machine) -> [String] {
        if event == .wantsBoot {
            return machine.boots < test.boots
                ? [] : ["it wants to boot more than the \(test.boots) times of its header"]
        }
        if guest.report.last != "done" {
            return ["it ended before it was done, \(guest.latest): \(guest.lastConsoleLine)"]
        }
        if machine.resumes < test.resumes {
            return ["it was done after \(machine.resumes) of \(test.resumes) resumes"]
        }
        if machine.boots < test.boots { return ["it was done after \(machine.boots) of \(test.boots) boots"] }
        return []
    }

    private func complaints(_ guest: Guest) -> [String] {
        guest.report.filter { $0.hasPrefix("fail ") }.map { String($0.dropFirst(5)) }
            + guest.kernelTrouble.map { "the kernel says: \($0)" }
    }

    private func result(_ name: String, _ start: Date, _ outcome: TestResult.Outcome) -> TestResult {
        TestResult(
            name: name, kernel: kernel.name, seconds: Date().timeIntervalSince(start), outcome: outcome)
    }
}
