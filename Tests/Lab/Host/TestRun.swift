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
        let results = play(machineOfTest, named: test.name, in: folder, since: Date())
        if !results.contains(where: \.hasFailed) { try? FileManager.default.removeItem(atPath: snapshot) }
        return results
    }

    private var machineOfTest: Machine {
        var machine = machine
        machine.task = test.name
        machine.processors = test.processors
        if test.lacks.contains(.vmgenid) { machine.identity = nil }
        return machine
    }

    /// Runs a guest, and those that are resumed from it. There is a result for each that was not snapshotted.
    private func play(_ machine: Machine, named name: String, in folder: String, since start: Date) -> [TestResult] {
        do {
            let guest = try Guest(machine, seconds: test.seconds, folder: folder)
            let event = guest.waitForEvent()
            guard event == .wantsSnapshot, machine.resumes < test.resumes else {
                return [judge(guest, event, machine.resumes, name, start)]
            }
            let complaints = complaints(guest)
            guard complaints.isEmpty else { return [result(name, start, .failed(complaints, folder))] }
            try guest.snapshot(to: snapshot)
            // What came before the snapshot counts to the first clone's time.
            var start = start
            return test.clones.enumerated().flatMap { index, clone in
                defer { start = Date() }
                let (name, folder) = self.name(of: clone, index + 1, resume: machine.resumes + 1)
                return play(machine.resumed(from: snapshot, as: clone), named: name, in: folder, since: start)
            }
        } catch {
            return [result(name, start, .failed(["\(error)"], folder))]
        }
    }

    /// What a resumed guest is called, and where it keeps what tells of it.
    private func name(of clone: GuestTest.Clone, _ number: Int, resume: Int) -> (name: String, folder: String) {
        if test.resumes > 1 { return ("\(test.name) resume \(resume)", "\(folder)/resume-\(resume)") }
        return ("\(test.name) clone \(number) (\(clone.rawValue))", "\(folder)/clone-\(number)")
    }

    private func judge(
        _ guest: Guest, _ event: Guest.Event, _ resumes: Int, _ name: String, _ start: Date
    ) -> TestResult {
        var complaints = complaints(guest)
        let report = guest.report
        let latest = report.last.map { "the last it said was '\($0)'" } ?? "it said nothing"
        switch event {
        case .hung:
            guest.kill()
            complaints.insert("hung: it was not done within \(Int(test.seconds)) s, \(latest)", at: 0)
        case .wantsSnapshot: complaints.append("it wants to be resumed more than the \(resumes) times of its header")
        case .ended where guest.exitCode != 0: complaints.append("QEMU ended with \(guest.exitCode ?? -1)")
        case .ended where report.last != "done":
            complaints.append("it ended before it was done, \(latest): \(guest.lastConsoleLine)")
        case .ended where complaints.isEmpty && resumes < test.resumes:
            complaints.append("it was done after \(resumes) of \(test.resumes) resumes")
        case .ended: break
        }
        guard complaints.isEmpty else { return result(name, start, .failed(complaints, guest.folder)) }
        let count = report.count { $0.hasPrefix("ok ") }
        guard count > 0 else { return result(name, start, .failed(["it checked nothing"], guest.folder)) }
        let figures = report.filter { $0.hasPrefix("figure ") }.map { String($0.dropFirst(7)) }
        return result(name, start, .passed(checks: count, figures: figures))
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
