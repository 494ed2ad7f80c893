import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// Overseers that are killed, and those that come after them.
    @Suite(.needsFuse) struct OverseerRestarts {
        @Test(arguments: [SIGKILL, SIGTERM]) func theNextOneContinuesInTheMiddleOfAPhase(_ signal: Int32) throws {
            let overseen = try Overseen()
            defer { overseen.end() }
            try overseen.hook("changed", "10-a")
            try overseen.waitingHook("changed", "20-b")
            try overseen.hook("ready", "10-a")
            var overseer = try overseen.oversee("--deadline", TestDevice.untilTheCap)
            try overseen.device.trigger()
            try waitUntil("the hook") { overseen.began.count == 1 }
            overseer.signal(signal)
            #expect(try overseer.exitCode() == (signal == SIGTERM ? 0 : -SIGKILL))
            if signal == SIGTERM {
                try waitUntil("the end of the hook") { !overseen.began.contains(where: isAlive) }
            }
            overseer = try overseen.start("--deadline", TestDevice.untilTheCap)
            try overseer.waitFor("going on with generation 1, which is changing")
            try waitUntil("the hook") { overseen.began.count == 2 }
            #expect(!isAlive(overseen.began[0]), "it does not run twice at once")
            try overseen.letGo()
            try overseer.waitFor("ready with generation 1 after")
            #expect(
                overseen.ran == ["changed 10-a 1 trigger", "changed 20-b 1 trigger", "ready 10-a 1 trigger"])
            // And again, when nothing is to be done.
            overseer.signal(SIGKILL)
            _ = try overseer.exitCode()
            overseer = try overseen.start()
            try overseer.waitFor("going on with generation 1, which is ready")
            try overseen.device.trigger()
            try overseer.waitFor("ready with generation 2 after")
            #expect(overseen.ran.count == 6)
        }

        @Test func aChangeWhileThereWasNoneIsNoticed() throws {
            let overseen = try Overseen()
            defer { overseen.end() }
            try overseen.hook("changed", "10-a")
            var overseer = try overseen.oversee()
            overseer.signal(SIGTERM)
            #expect(try overseer.exitCode() == 0)
            for _ in 0..<3 { try overseen.device.trigger() }
            overseer = try overseen.start()
            try overseer.waitFor("ready with generation 3 after")
            #expect(overseen.ran == ["changed 10-a 3 trigger"])
        }

        @Test func killedAnywhereItRunsEachHookToItsEnd() throws {
            let overseen = try Overseen()
            defer { overseen.end() }
            for name in ["10-a", "20-b", "30-c"] { try overseen.hook("changed", name, "sleep 0.03") }
            try overseen.hook("ready", "10-a")
            var overseer = try overseen.oversee()
            let changes = 8
            for change in 1...changes {
                try overseen.device.trigger()
                for kill in 0..<3 {
                    usleep(UInt32(20_000 * kill + 7_000 * change))
                    overseer.signal(SIGKILL)
                    _ = try overseer.exitCode()
                    overseer = try overseen.start()
                }
                try waitUntil("generation \(change)", details: { overseer.text }) {
                    overseer.text.contains("ready with generation \(change) after")
                        || overseer.text.contains("going on with generation \(change), which is ready")
                }
                let said = overseen.ran.filter { $0.hasSuffix(" \(change) trigger") }
                var once: [String] = []
                for line in said where !once.contains(line) { once.append(line) }
                let expected = ["changed 10-a", "changed 20-b", "changed 30-c", "ready 10-a"]
                #expect(once == expected.map { "\($0) \(change) trigger" })
                // One that says so right before its overseer is killed is run again, and no other.
                #expect(said.count <= expected.count + 3)
            }
        }

        @Test func aRecordThatIsDamagedIsNone() throws {
            let overseen = try Overseen()
            defer { overseen.end() }
            try overseen.hook("changed", "10-a")
            var overseer = try overseen.oversee()
            overseer.signal(SIGTERM)
            #expect(try overseer.exitCode() == 0)
            let record = overseen.directory + "/record"
            var text = try String(contentsOfFile: record, encoding: .utf8)
            text.replace("stage ready", with: "stage changed")
            try Data(text.utf8).write(to: URL(filePath: record))
            try overseen.device.trigger()
            overseer = try overseen.start()
            try overseer.waitFor("warning: the record in \(overseen.directory) is of another boot or damaged")
            try overseer.waitFor("ready with generation 1, which was found")
            #expect(overseen.ran == [])
        }

        @Test func twoAtOnceAreNone() throws {
            let overseen = try Overseen()
            defer { overseen.end() }
            _ = try overseen.oversee()
            let second = try overseen.start()
            #expect(try second.exitCode() == 1)
            #expect(
                second.text == "sysgenid-overseerd: error: another overseer has \(overseen.directory): end it, or use "
                    + "--overseer-dir\n")
            for options in [["--deadline", "0"], ["--deadline", "3600001"], ["--hooks-dir", ""], ["--none"]] {
                #expect(try overseen.device.run("sysgenid-overseerd", options).exitCode() == 64)
            }
        }
    }
}
