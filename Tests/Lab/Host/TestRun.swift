import Foundation

/// One test on one kernel.
struct TestRun: Sendable {
    var test: GuestTest
    var kernel: Kernel
    var machine: Machine
    /// Where the folder of the run is made.
    var logs: String

    private var folder: String { "\(logs)/\(kernel.name)/\(test.name)" }
    private var snapshot: String { "\(folder)/snapshot" }

    /// Runs it to its end; a test with clones has a result for each.
    func run() -> [TestResult] {
        let start = Date()
        do {
            let guest = try Guest(ownMachine, seconds: test.seconds, folder: folder)
            let event = guest.waitForEvent()
            guard event == .wantsSnapshot, !test.clones.isEmpty else { return [judge(guest, event, test.name, start)] }
            let complaints = complaints(guest)
            guard complaints.isEmpty else { return [result(test.name, start, .failed(complaints, guest.folder))] }
            try guest.snapshot(to: snapshot)
            // What came before the snapshot counts to the first clone's time.
            var start = start
            let results = test.clones.enumerated().map { index, clone in
                defer { start = Date() }
                return resume(clone, number: index + 1, since: start)
            }
            if !results.contains(where: \.hasFailed) { try FileManager.default.removeItem(atPath: snapshot) }
            return results
        } catch {
            return [result(test.name, start, .failed(["\(error)"], folder))]
        }
    }

    private var ownMachine: Machine {
        var machine = machine
        machine.task = test.name
        machine.processors = test.processors
        return machine
    }

    private func resume(_ clone: GuestTest.Clone, number: Int, since start: Date) -> TestResult {
        let name = "\(test.name) clone \(number) (\(clone.rawValue))"
        do {
            var machine = ownMachine
            machine.snapshot = snapshot
            machine.phase = clone == .changed ? .changed : .same
            if clone == .changed { machine.identity = UUID().uuidString }
            let guest = try Guest(machine, seconds: test.seconds, folder: "\(folder)/clone-\(number)")
            return judge(guest, guest.waitForEvent(), name, start)
        } catch {
            return result(name, start, .failed(["\(error)"], folder))
        }
    }

    private func judge(_ guest: Guest, _ event: Guest.Event, _ name: String, _ start: Date) -> TestResult {
        var complaints = complaints(guest)
        let report = guest.report
        let latest = report.last.map { "the last it said was '\($0)'" } ?? "it said nothing"
        switch event {
        case .hung:
            guest.kill()
            complaints.insert("hung: it was not done within \(Int(test.seconds)) s, \(latest)", at: 0)
        case .wantsSnapshot: complaints.append("it wants a snapshot, but its header names no clones")
        case .ended where guest.exitCode != 0: complaints.append("QEMU ended with \(guest.exitCode ?? -1)")
        case .ended where report.last != "done":
            complaints.append("it ended before it was done, \(latest): \(guest.lastConsoleLine)")
        case .ended: break
        }
        guard complaints.isEmpty else { return result(name, start, .failed(complaints, guest.folder)) }
        let count = report.count { $0.hasPrefix("ok ") }
        guard count > 0 else { return result(name, start, .failed(["it checked nothing"], guest.folder)) }
        return result(name, start, .passed(checks: count))
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
