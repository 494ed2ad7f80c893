import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// Hooks that a real overseer runs at the changes of a real device.
    @Suite(.needsFuse) struct Hooks {
        @Test func theyRunInOrderOnceForEachChange() throws {
            let overseen = try Overseen()
            defer { overseen.end() }
            try overseen.hook("changed", "20-b")
            try overseen.hook("changed", "10-z")
            try overseen.hook("changed", "20-a", in: overseen.shipped)
            try overseen.hook("ready", "50-a", in: overseen.shipped)
            // The administrator's comes first, and masks by a link or by an empty file.
            try overseen.hook("changed", "20-b", in: overseen.shipped, "echo shipped >>\(overseen.file("ran"))")
            try overseen.hook("changed", "30-c", in: overseen.shipped)
            try overseen.hook("changed", "40-d", in: overseen.shipped)
            let changed = "\(overseen.hooks)/changed"
            try FileManager.default.createSymbolicLink(atPath: "\(changed)/30-c", withDestinationPath: "/dev/null")
            try Data().write(to: URL(filePath: "\(changed)/40-d"))
            try overseen.hook("changed", "50-e.dpkg-old")
            try overseen.hook("failed", "10-a")
            let overseer = try overseen.oversee("--log-level", "debug")
            for generation in 1...3 {
                try overseen.device.trigger()
                try overseer.waitFor("ready with generation \(generation) after")
                let names = ["changed 10-z", "changed 20-a", "changed 20-b", "ready 50-a"]
                #expect(overseen.ran.suffix(4) == names.map { "\($0) \(generation) trigger" })
                #expect(overseen.ran.count == 4 * generation)
            }
            #expect(overseer.text.contains("\(changed)/50-e.dpkg-old is passed over: it has no name of a hook"))
            #expect(overseer.text.contains("hook changed/10-z is done after "))
            overseer.signal(SIGTERM)
            #expect(try overseer.exitCode() == 0)
        }

        @Test func aResumeIsToldFromATrigger() throws {
            let overseen = try Overseen(followsFile: true)
            defer { overseen.end() }
            try overseen.hook("changed", "10-a")
            let overseer = try overseen.oversee()
            try overseen.device.setIdentity(2)
            try overseer.waitFor("ready with generation 1 after")
            try overseen.device.trigger()
            try overseer.waitFor("ready with generation 2 after")
            #expect(overseen.ran == ["changed 10-a 1 resume", "changed 10-a 2 trigger"])
            #expect(overseer.text.contains("generation 1: the system was resumed\n"))
        }

        @Test func theyHaveNothingOfTheOverseers() throws {
            let overseen = try Overseen()
            defer { overseen.end() }
            let seen = overseen.file("seen")
            try overseen.hook(
                "changed", "10-a",
                """
                exec >\(seen)
                tr '\\0' '\\n' </proc/$$/environ | sort
                pwd
                readlink /proc/$$/fd/0
                readlink /proc/$$/fd/2 | cut -d: -f1
                for file in /proc/$$/fd/*; do printf '%s ' "${file##*/}"; done; echo
                [ "$(cut -d' ' -f5 /proc/$$/stat)" = $$ ] && echo own group
                while read -r line; do case $line in Sig[BIC]*) echo "$line" ;; esac; done </proc/$$/status
                """)
            let overseer = try overseen.start(environment: ["SECRET": "1", "NOTIFY_SOCKET": "/nowhere"])
            try overseer.waitFor("ready with generation 0")
            try overseen.device.trigger()
            try overseer.waitFor("ready with generation 1 after")
            let lines = overseen.lines("seen")
            #expect(
                lines.prefix(8) == [
                    "LANG=C.UTF-8", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                    "SYSGENID_CAUSE=trigger", "SYSGENID_GENERATION=1", "SYSGENID_PHASE=changed", "/", "/dev/null",
                    "pipe",
                ])
            // What a shell has open besides is its script, and the folder that it lists. It would have pipes for a moment.
            let descriptors = try #require(lines.dropFirst(8).first?.split(separator: " "))
            #expect(descriptors.count <= 5 && Set(descriptors).isSuperset(of: ["0", "1", "2"]), "\(lines)")
            #expect(lines.dropFirst(9).first == "own group")
            // By the shell itself: while it waits for another program it blocks them for a moment.
            #expect(lines.contains("SigBlk:\t0000000000000000") && lines.contains(where: isNothingIgnored))
        }

        /// Whether the C library alone has something to ignore: the two signals that it has for itself.
        private func isNothingIgnored(_ line: String) -> Bool {
            line.hasPrefix("SigIgn:") && UInt64(line.suffix(16), radix: 16).map { $0 & ~0x1_8000_0000 } == 0
        }

        @Test func oneThatFailsIsNamedAndTheNextChangeIsAnotherChance() throws {
            let overseen = try Overseen()
            defer { overseen.end() }
            try overseen.hook("changed", "10-a.optional", "exit 9")
            try overseen.hook("changed", "20-b", "[ $SYSGENID_GENERATION != 1 ] || exit 7")
            try overseen.hook("changed", "30-c")
            try overseen.hook("failed", "10-a", "echo for shame; kill -9 $$")
            try overseen.hook("failed", "20-b")
            let overseer = try overseen.oversee()
            try overseen.device.trigger()
            try waitUntil("the hooks of failed") { overseen.ran == ["failed 20-b 1 trigger"] }
            for text in [
                "warning: hook changed/10-a.optional has failed with status 9 after ",
                "error: hook changed/20-b has failed with status 7 after ",
                "error: not ready with generation 1: hook changed/20-b has failed with status 7 after ",
                "failed/10-a: for shame\n", "hook failed/10-a has failed with status 137 after ",
            ] {
                try overseer.waitFor(text)
            }
            #expect(!overseer.text.contains("ready with generation 1 after"))
            try overseen.device.trigger()
            try overseer.waitFor("ready with generation 2 after")
            #expect(overseen.ran.suffix(2) == ["changed 20-b 2 trigger", "changed 30-c 2 trigger"])
        }

        @Test func whenTheTimeIsOverTheWholeGroupIsEnded() throws {
            let overseen = try Overseen()
            defer { overseen.end() }
            let began = overseen.file("began")
            try overseen.hook("changed", "10-a")
            try overseen.hook(
                "changed", "20-b", "trap '' TERM INT HUP; sleep 1000 & echo $$ $! >\(began); while :; do wait; done")
            try overseen.hook("changed", "30-c")
            try overseen.hook("failed", "10-a")
            let overseer = try overseen.oversee("--deadline", "400")
            try overseen.device.trigger()
            try overseer.waitFor("error: not ready with generation 1: hook 20-b was not done after 4")
            try waitUntil("the hooks of failed") { overseen.ran.last == "failed 10-a 1 trigger" }
            let processes = try #require(overseen.lines("began").first?.split(separator: " ").compactMap { pid_t($0) })
            #expect(processes.count == 2)
            try waitUntil("the end of the group") { !processes.contains(where: isAlive) }
            #expect(overseen.ran == ["changed 10-a 1 trigger", "failed 10-a 1 trigger"])
        }

        @Test func whatOneLeavesInItsGroupEndsWithIt() throws {
            let overseen = try Overseen()
            defer { overseen.end() }
            let began = overseen.file("began")
            // The one keeps the pipe open and stays in the group, the other one leaves it, which takes a moment.
            try overseen.hook(
                "changed", "10-a",
                """
                sleep 1000 & echo $! >>\(began); setsid sleep 1001 & echo $! >>\(began)
                until [ "$(cut -d' ' -f5 /proc/$!/stat)" = $! ]; do sleep 0.02; done
                """)
            try overseen.hook("changed", "20-b")
            let overseer = try overseen.oversee()
            try overseen.device.trigger()
            try overseer.waitFor("ready with generation 1 after")
            let processes = overseen.began
            #expect(processes.count == 2)
            try waitUntil("the end of the group") { !isAlive(processes[0]) }
            #expect(isAlive(processes[1]))
            kill(processes[1], SIGKILL)
        }

        @Test func whatOthersCouldHaveWrittenIsNotRun() throws {
            let overseen = try Overseen()
            defer { overseen.end() }
            try overseen.hook("changed", "10-a")
            try overseen.hook("ready", "20-b")
            #expect(chown("\(overseen.hooks)/changed/10-a", 65_534, 65_534) == 0)
            let overseer = try overseen.oversee()
            try overseen.device.trigger()
            try overseer.waitFor("hook changed/10-a is not run: it belongs to user 65534, and not to root")
            try overseer.waitFor("not ready with generation 1: hook changed/10-a could not be run")
            #expect(chown("\(overseen.hooks)/changed/10-a", 0, 0) == 0)
            #expect(chmod("\(overseen.hooks)/ready", 0o777) == 0)
            try overseen.device.trigger()
            try overseer.waitFor("not ready with generation 2: hook ready/\(overseen.hooks)/ready could not be run")
            #expect(overseen.ran == ["changed 10-a 2 trigger"])
            #expect(chmod("\(overseen.hooks)/ready", 0o755) == 0)
            try overseen.device.trigger()
            try overseer.waitFor("ready with generation 3 after")
        }

        @Test func whatTheyPrintIsToldWithTheirNamesAndNoMoreThanThat() throws {
            let overseen = try Overseen()
            defer { overseen.end() }
            try overseen.hook("changed", "10-a", "echo out; echo err >&2; printf 'no end'; printf '\\033[31m' >&2")
            try overseen.hook("changed", "20-b", "head -c 30000000 /dev/zero | tr '\\0' x; yes | head -n 3000000")
            let overseer = try overseen.oversee("--deadline", TestDevice.untilTheCap)
            try overseen.device.trigger()
            try overseer.waitFor("ready with generation 1 after")
            for line in ["out", "err", "no end?[31m"] {
                #expect(overseer.lines.contains("sysgenid-overseerd: changed/10-a: \(line)"))
            }
            let lines = overseer.lines.filter { $0.contains(" changed/20-b: ") }
            #expect(lines.count == 257)
            let longest = "sysgenid-overseerd: changed/20-b: ".count + 1_024
            #expect(lines.first?.count == longest)
            #expect(lines.last?.wholeMatch(of: /.*: \(and \d{8} bytes more\)/) != nil)
        }
    }
}
