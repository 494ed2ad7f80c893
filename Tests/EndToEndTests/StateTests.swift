import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// The generation over restarts, and resumes that the file backend notices.
    @Suite struct State {
        @discardableResult
        private func serveByFile(_ device: TestDevice) throws -> RunningProgram {
            try device.serve("--backend", "file", "--backend-file", device.identityFile)
        }

        @Test(arguments: [SIGTERM, SIGKILL])
        func aRestartOrACrashIsNoChange(_ signal: Int32) throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.setIdentity(1)
            let first = try serveByFile(device)
            try device.trigger()
            try device.trigger()
            first.signal(signal)
            _ = try first.exitCode()
            try serveByFile(device)
            #expect(try device.mapped() == 2)
        }

        @Test func aResumeWhileNoDaemonRanIsOneChange() throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.setIdentity(1)
            let first = try serveByFile(device)
            #expect(try device.mapped() == 0)
            first.signal(SIGKILL)
            _ = try first.exitCode()
            try device.setIdentity(2)
            let second = try serveByFile(device)
            #expect(try device.mapped() == 1)
            second.signal(SIGTERM)
            _ = try second.exitCode()
            try serveByFile(device)
            #expect(try device.mapped() == 1)
        }

        @Test func aResumeIsOneChangeAndWakesEveryone() throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.setIdentity(1)
            let daemon = try serveByFile(device)
            let reader = try device.client("read")
            let poller = try device.client("poll")
            // The same identity, announced again, is none.
            try device.setIdentity(1)
            usleep(300_000)
            #expect(reader.lines == ["ready"])
            try device.setIdentity(2)
            #expect(try reader.exitCode() == 0)
            #expect(reader.lines == ["ready", "1"])
            #expect(try poller.exitCode() == 0)
            #expect(poller.lines == ["ready", "POLLIN"])
            usleep(300_000)
            #expect(try device.mapped() == 1)
            #expect(daemon.lines.filter { $0.contains("the system was resumed") }.count == 1)
        }

        @Test func anotherBackendIsNoChange() throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.setIdentity(1)
            let first = try serveByFile(device)
            first.signal(SIGTERM)
            _ = try first.exitCode()
            let other = device.folder + "/other-identity"
            try Data(repeating: 9, count: 16).write(to: URL(filePath: other))
            try device.serve("--backend", "file", "--backend-file", other)
            #expect(try device.mapped() == 0)
        }

        @Test(arguments: ["truncated", "garbage", "empty"])
        func aDamagedStateIsToldAndNeverFallsBack(_ damage: String) throws {
            let device = try TestDevice()
            defer { device.end() }
            let first = try device.serve()
            for _ in 1...5 { try device.trigger() }
            try waitUntil("the published generation") { device.attribute("generation") == "5" }
            first.signal(SIGKILL)
            _ = try first.exitCode()
            let state = URL(filePath: device.runtimeDirectory + "/state")
            let contents = try Data(contentsOf: state)
            switch damage {
            case "truncated": try contents.prefix(100).write(to: state)
            case "garbage": try Data(repeating: 0x5a, count: contents.count).write(to: state)
            default: try Data().write(to: state)
            }
            let second = try device.serve()
            #expect(second.text.contains("state is damaged"))
            #expect(try device.mapped() == 5)
            try device.trigger()
            #expect(try device.mapped() == 6)
        }

        @Test func whatChangesAtTheVeryEndIsPublishedAndTold() throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try device.serve()
            for _ in 1...3 { try device.trigger() }
            daemon.signal(SIGTERM)
            #expect(try daemon.exitCode() == 0)
            #expect(device.attribute("generation") == "3")
            #expect(daemon.lines.filter { $0.contains("triggered by process") }.count == 3)
        }

        @Test func attributesArePublished() throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try device.serve()
            try waitUntil("the attributes") { device.attribute("frontends") == "fuse" }
            #expect(device.attribute("pid") == "\(daemon.processID)")
            #expect(device.attribute("backend") == "manual")
            #expect(device.attribute("page_offset") == "0")
            #expect(device.attribute("generation") == "0")
            let reader = try device.client("read", "2")
            try waitUntil("a watcher") { device.attribute("watchers") == "1" }
            try device.trigger()
            try waitUntil("the generation") { device.attribute("generation") == "1" }
            try waitUntil("nobody outdated") { device.attribute("outdated") == "0" }
            _ = reader
        }
    }
}
