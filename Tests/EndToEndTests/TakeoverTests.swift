import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// A successor continues where its predecessor was killed, and no client notices.
    @Suite struct Takeover {
        @Test(arguments: [SIGKILL, SIGUSR1], Kernel.allCases)
        func blockedClientsStayBlockedAndReturnAtTheNextChange(_ signal: Int32, _ kernel: Kernel) throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try Supervisor(device, kernel: kernel)
            let reader = try device.client("read", "2")
            let poller = try device.client("poll")
            let edge = try device.client("epoll")
            let page = try device.client("map")
            try edge.waitFor("ready")
            for _ in 1...3 { try daemon.replace(by: signal) }
            #expect(reader.lines == ["ready"])
            #expect(poller.lines == ["ready"])
            #expect(edge.lines == ["ready"])
            try device.trigger()
            try reader.waitFor("1\n")
            #expect(try poller.exitCode() == 0)
            #expect(poller.lines == ["ready", "POLLIN"])
            try edge.waitFor("EPOLLIN\n")

            try daemon.replace(by: signal)
            usleep(200_000)
            #expect(reader.lines == ["ready", "1"])
            #expect(edge.lines == ["ready", "EPOLLIN"])
            #expect(try page.answer("look") == "1")
            try device.trigger()
            #expect(try reader.exitCode() == 0)
            #expect(reader.lines == ["ready", "1", "2"])
            try waitUntil("the second event") { edge.lines == ["ready", "EPOLLIN", "EPOLLIN"] }
            #expect(try page.answer("look") == "2")
            #expect(daemon.served == 5)
        }

        @Test(arguments: Kernel.allCases)
        func whatIsAcknowledgedAndTrackedIsRemembered(_ kernel: Kernel) throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try Supervisor(device, kernel: kernel)
            let first = try device.client("interact")
            let second = try device.client("interact")
            try first.waitFor("ready")
            try second.waitFor("ready")
            #expect(try first.answer("track") == "0")
            #expect(try second.answer("read") == "EAGAIN")
            #expect(try second.answer("trigger") == "0")
            #expect(try first.answer("write 1") == "4")
            try daemon.replace()
            #expect(try first.answer("read") == "EAGAIN")
            #expect(try first.answer("poll") == "0")
            #expect(try second.answer("poll") == "1")
            #expect(try second.answer("outdated") == "1")
            #expect(try second.answer("read") == "1")
            #expect(try second.answer("write 1") == "4")
            #expect(try second.answer("outdated") == "0")
            try waitUntil("the attributes") {
                device.attribute("tracked") == "1" && device.attribute("watchers") == "2"
            }
            try daemon.replace()
            try first.send("")
            first.end()
            try waitUntil("one watcher less") {
                device.attribute("watchers") == "1" && device.attribute("tracked") == "0"
            }
        }

        @Test(arguments: Kernel.allCases)
        func waitsEndAsTheyShould(_ kernel: Kernel) throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try Supervisor(device, kernel: kernel)
            let watcher = try device.client("interact")
            try watcher.waitFor("ready")
            #expect(try watcher.answer("track") == "0")
            let short = try device.run("TestClient", ["expire", device.path, "8000"])
            try short.waitFor("ready")
            sleep(7)
            try daemon.replace()
            // Its time runs on: it is over before that of one who waits for less, and begins later. Whose time is over the
            // daemon answers in the order of the ends, so the first has its answer then, and may be waiting for a processor.
            #expect(try device.control("wait", "--timeout", "5000").exitCode() == 3)
            #expect(!ProcessStates.isAsleep(short.processID), "its time has begun anew")
            #expect(try short.exitCode() == ETIME)
            #expect(try #require(short.lines.last.flatMap(Int.init)) >= 8_000)

            let overseer = try device.client("wait")
            try daemon.replace()
            #expect(overseer.lines == ["ready"])
            try device.trigger()
            #expect(try overseer.exitCode() == EINTR)
        }

        @Test func aSignalEndsACallThatWasTakenOver() throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try Supervisor(device)
            let reader = try device.client("read")
            try daemon.replace()
            reader.signal(SIGKILL)
            #expect(try reader.exitCode() == -SIGKILL)
            try waitUntil("the watcher to go") { device.attribute("watchers") == "0" }
        }

        @Test(arguments: Kernel.allCases)
        func aResumeWhileNoDaemonLivesIsOneChange(_ kernel: Kernel) throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.setIdentity(1)
            let daemon = try Supervisor(
                device, "--backend", "file", "--backend-file", device.identityFile, kernel: kernel)
            let page = try device.client("map")
            #expect(try page.answer("look") == "0")
            let reader = try device.client("read")
            let poller = try device.client("poll")
            let edge = try device.client("epoll")
            try edge.waitFor("ready")
            try daemon.whileGone { try device.setIdentity(2) }
            #expect(try reader.exitCode() == 0)
            #expect(reader.lines == ["ready", "1"])
            #expect(try poller.exitCode() == 0)
            try edge.waitFor("EPOLLIN\n")
            usleep(300_000)
            #expect(edge.lines == ["ready", "EPOLLIN"])
            #expect(try page.answer("look") == "1")
            #expect(try device.mapped() == 1)
        }

        @Test func clientsThatComeWhileNoDaemonLivesAreServedByTheNext() throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try Supervisor(device)
            var reader: RunningProgram?
            try daemon.whileGone {
                reader = try device.run("TestClient", ["read", device.path])
                usleep(200_000)
            }
            try device.trigger()
            let client = try #require(reader)
            #expect(try client.exitCode() == 0)
        }

        @Test func aStopTakesEverythingAway() throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try Supervisor(device)
            try daemon.replace()
            let reader = try device.client("read")
            let (code, kept) = try daemon.stop()
            #expect(code == 0)
            #expect(kept == "0 kept")
            #expect(try reader.exitCode() == ENODEV)
            #expect(!device.isMounted)
            #expect(!device.exists)
        }

        @Test func theFileKeepsTheModeThatSomebodyGaveIt() throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try Supervisor(device)
            try #require(chmod(device.path, 0o606) == 0)
            try daemon.replace()
            let attributes = try FileManager.default.attributesOfItem(atPath: device.path)
            #expect(attributes[.posixPermissions] as? Int == 0o606)
        }

        @Test(arguments: Kernel.allCases)
        func aSuccessorThatCannotReadWhatIsLeftSaysSoAndStartsAfresh(_ kernel: Kernel) throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try Supervisor(device, kernel: kernel)
            try device.trigger()
            let reader = try device.client("read")
            try daemon.whileGone { try daemon.damageMemory(at: 8, 9) }
            try daemon.waitFor("its version is 9, and only version 4 can be read; starting afresh")
            #expect(try reader.exitCode() != 0)
            #expect(try device.mapped() == 1)
            // From here on it is as ever.
            let next = try device.client("read")
            try daemon.replace()
            try device.trigger()
            #expect(try next.exitCode() == 0)
            #expect(next.lines == ["ready", "2"])
            #expect(try daemon.stop().exitCode == 0)
            #expect(!device.exists)
        }

        @Test func aDaemonThatHasCaughtUpIsNoFailedAttempt() throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try Supervisor(device)
            let reader = try device.client("read")
            for _ in 1...22 {
                try daemon.replace()
                try waitUntil("an answer of the next daemon") { (try? device.mapped()) == 0 }
            }
            #expect(!daemon.text.contains("starting afresh"))
            // So many have begun by what the memory says.
            try daemon.whileGone { try daemon.damageMemory(at: 28, 20) }
            try daemon.waitFor("20 daemons in a row have ended while they tried; starting afresh")
            #expect(try reader.exitCode() != 0)
            #expect(try device.mapped() == 0)
        }

        @Test(arguments: Kernel.allCases)
        func aFileThatWasUnmountedMeanwhileIsMountedAgainForThoseWhoHaveItOpen(_ kernel: Kernel) throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try Supervisor(device, kernel: kernel)
            let reader = try device.client("read")
            try daemon.whileGone { try #require(umount2(device.path, Int32(MNT_DETACH)) == 0) }
            #expect(try device.mapped() == 0)
            #expect(reader.lines == ["ready"])
            try device.trigger()
            #expect(try reader.exitCode() == 0)
            #expect(reader.lines == ["ready", "1"])
        }

        @Test func aFileThatWasUnmountedMeanwhileAndThatNobodyHasOpenIsNotContinued() throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try Supervisor(device)
            try daemon.whileGone { try #require(umount2(device.path, Int32(MNT_DETACH)) == 0) }
            try daemon.waitFor("nothing that it served is left; starting afresh")
            #expect(try device.mapped() == 0)
        }

        @Test func aConnectionThatWasAbortedIsNotContinuedForEver() throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try Supervisor(device)
            let before = daemon.served
            try device.abortConnection()
            try waitUntil("a successor", details: { daemon.text }) { daemon.served > before }
            let reader = try device.client("read")
            try device.trigger()
            #expect(try reader.exitCode() == 0)
        }
    }
}
