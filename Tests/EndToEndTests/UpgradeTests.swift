import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// The daemon of 0.1.0 is replaced by the present one, as an upgrade of the package does it.
    ///
    /// What that version leaves cannot be continued: all that is open ends, once, and nothing else is lost.
    @Suite(
        .enabled(
            if: FormerRelease.isBuilt || Machine.requiresAll && FormerRelease.isInHistory,
            "needs the daemon of 0.1.0: make setup-tests, in a clone that is not shallow"))
    struct Upgrade {
        private static let clients = 100
        /// All but those who have mapped the page.
        private static let losers = 80

        @Test(arguments: [SIGUSR1, SIGKILL])
        func whatIsOpenEndsOnceAndNoGenerationIsLost(_ signal: Int32) throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try Supervisor(device, [], daemon: [FormerRelease.daemon])
            let crowd = try device.run("TestClient", ["resettle", device.path, "\(Self.clients)"])
            try crowd.waitFor("ready\n")
            for _ in 1...3 { try device.trigger() }
            #expect(try crowd.answer("3") == "100 know 3, 0 have lost the device 0 times, 0 failures")

            try daemon.setDaemon(Built.path(of: "sysgenidd"))
            try daemon.replace(by: signal)
            try daemon.waitFor(Self.remark)
            #expect(try device.mapped() == 3)
            #expect(device.attribute("generation") == "3")
            let lost = "\(Self.losers) have lost the device \(Self.losers) times, 0 failures"
            #expect(try crowd.answer("3") == "100 know 3, \(lost)", "\(crowd.text)")

            for _ in 1...2 { try device.trigger() }
            #expect(try crowd.answer("5") == "100 know 5, \(lost)")
            // From here on it is as ever.
            try daemon.replace()
            try device.trigger()
            #expect(try crowd.answer("6") == "100 know 6, \(lost)")
            #expect(try device.mapped() == 6)
            #expect(daemon.text.components(separatedBy: "starting afresh").count == 2)
        }

        @Test func aResumeDuringTheUpgradeIsOneChange() throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.setIdentity(1)
            let options = ["--backend", "file", "--backend-file", device.identityFile]
            let daemon = try Supervisor(device, options, daemon: [FormerRelease.daemon])
            try device.setIdentity(2)
            try waitUntil("the first resume") { try device.mapped() == 1 }
            let page = try device.client("map")
            try daemon.setDaemon(Built.path(of: "sysgenidd"))
            try daemon.whileGone { try device.setIdentity(3) }
            try daemon.waitFor(Self.remark)
            #expect(try device.mapped() == 2)
            #expect(try page.answer("look") == "2")
            // It is known now, and a restart makes no change of it.
            try daemon.replace()
            #expect(try device.mapped() == 2)
        }

        private static let remark =
            "cannot take over from the predecessor: its version is 1, and only version 4 can be read; starting afresh"
    }
}

/// The release before this one, which `make` builds from the project's history.
private enum FormerRelease {
    static let daemon = Built.project.appending(path: ".build/upgrade/0.1.0/.build/debug/sysgenidd").path
    static var isInHistory: Bool {
        let git = Built.project.appending(path: ".git").path
        return access(git, F_OK) == 0 && access(git + "/shallow", F_OK) != 0
    }
    static var isBuilt: Bool { access(daemon, X_OK) == 0 }
}
