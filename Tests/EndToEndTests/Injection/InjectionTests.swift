import Foundation
import SysGenIDSystem
import TestSupport
import Testing

extension EndToEnd {
    /// Every system call of the daemon fails once, with each error that its manual page names, or is short.
    @Suite struct Injections {
        /// With SYSGENID_FAILURES=all it is every call; else so many as there is time for, chosen by SYSGENID_SEED.
        private static let isWhole = ProcessInfo.processInfo.environment["SYSGENID_FAILURES"] == "all"
        /// Each has the limit of time for itself.
        private static let shares = 0..<(isWhole ? 10 : 1)

        @Test(arguments: shares) func theStart(_ share: Int) throws {
            try tryAll("start", StartTrial.self, share, sample: 80)
        }

        @Test(arguments: shares) func aRequest(_ share: Int) throws {
            try tryAll("request", RequestTrial.self, share, sample: 80)
        }

        @Test(arguments: shares) func aChange(_ share: Int) throws {
            try tryAll("change", ChangeTrial.self, share, sample: 60)
        }

        @Test(arguments: shares) func theStop(_ share: Int) throws {
            try tryAll("stop", StopTrial.self, share, sample: 40)
        }

        @Test(arguments: shares) func theTakeover(_ share: Int) throws {
            try tryAll("takeover", TakeoverTrial.self, share, sample: 80)
        }

        /// Another thread of the tests may have a file open while a program is started, under any number.
        @Test func theToolTakesNoDescriptorForFree() throws {
            let scratch = try Scratch()
            let program = try RunningProgram(
                "/bin/bash",
                ["-c", "for n in {500..502}; do eval \"exec $n</dev/null\"; done; exec \"$@\"", "bash"]
                    + [Built.path(of: "TestClient"), "inject", scratch.path("orders"), "/bin/true"])
            #expect(try program.exitCode() == 0, "\(program.text)")
        }

        @Test func aRecordThatCouldNotBeWrittenIsThereForASuccessor() throws {
            let tried = try TriedDevice()
            defer { tried.end() }
            try tried.reset()
            let daemon = try tried.start()
            try #require(try tried.comesToServe(daemon))
            try tried.injector.fail(Injection(site: "pwrite64 RUNTIME/state", ordinal: 1, result: -EIO))
            try tried.device.trigger()
            try daemon.waitFor("the state for a successor cannot be kept: pwrite")
            try daemon.waitFor("the state for a successor is kept again")
            daemon.signal(SIGKILL)
            _ = try daemon.exitCode()
            try tried.expectRightSuccessor(at: TriedDevice.generation + 1...TriedDevice.generation + 1)
        }

        private func tryAll(_ phase: String, _ kind: any Trial.Type, _ share: Int, sample: Int) throws {
            let plan = InjectionPlan(of: try sites(kind), ordinals: Self.isWhole ? 3 : 2)
            let seed = ProcessInfo.processInfo.environment["SYSGENID_SEED"].flatMap(UInt64.init) ?? 1
            let chosen = Self.isWhole ? plan.share(share, of: Self.shares.count) : plan.sample(sample, seed: seed)
            let known = KnownInjections.of(phase)
            let cases = known + chosen.filter { !known.contains($0) }
            let table = OutcomeTable(phase: phase)
            let next = Lock(cases[...])
            DispatchQueue.concurrentPerform(iterations: 3) { _ in
                do {
                    let tried = try TriedDevice()
                    defer { tried.end() }
                    let trial = kind.init(tried)
                    defer { trial.end() }
                    while let injection = next.withLock({ $0.popFirst() }) {
                        table.add(injection, Self.outcome(of: injection, by: trial))
                    }
                } catch {
                    Issue.record(error)
                }
            }
            print(table.text)
            print("\(phase): \(table.madeCount) of \(cases.count) calls failed, seed \(seed)")
            #expect(table.wrong == [])
            #expect(table.madeCount > cases.count / 2)
        }

        private static func outcome(of injection: Injection, by trial: any Trial) -> Outcome {
            do {
                return try trial.run(injection).checked(against: injection)
            } catch {
                return .wrong("\(error)")
            }
        }

        /// The calls of the phase, each as often as it is made when nothing fails.
        private func sites(_ kind: any Trial.Type) throws -> [String] {
            let tried = try TriedDevice()
            defer { tried.end() }
            let trial = kind.init(tried)
            defer { trial.end() }
            _ = try trial.run(nil)
            let sites = tried.injector.recorded
            let unknown = Set(sites.map { String($0.prefix { $0 != " " }) }).filter { !ErrorsOfCalls.isKnown($0) }
            #expect(unknown == [], "no errors are known of these calls")
            return sites
        }
    }
}
