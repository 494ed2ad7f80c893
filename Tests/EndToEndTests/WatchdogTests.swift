import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// What the service manager hears of a daemon that serves.
    @Suite struct Watchdog {
        /// A manager that wants to hear of the daemon twice a second.
        private func serve(
            _ device: TestDevice, _ options: String..., kernel: Kernel = .own
        ) throws -> (daemon: RunningProgram, manager: NotificationSocket) {
            let manager = try NotificationSocket(device.folder + "/notify")
            let environment = ["NOTIFY_SOCKET": manager.path, "WATCHDOG_USEC": "1800000"]
            let daemon = try device.start(options, environment: environment.merging(kernel.environment) { $1 })
            try daemon.waitFor("serving \(device.path)")
            try device.prefer(daemon.processID)
            #expect(try manager.receiveReady().hasPrefix("READY=1\nSTATUS=serving \(device.path)"))
            return (daemon, manager)
        }

        @Test(arguments: Kernel.allCases)
        func itIsFedWhileAllIsWell(_ kernel: Kernel) throws {
            let device = try TestDevice()
            defer { device.end() }
            let (daemon, manager) = try serve(device, kernel: kernel)
            for _ in 1...6 { #expect(try manager.receive() == "WATCHDOG=1") }
            #expect(!daemon.text.contains("stuck"))
        }

        @Test(arguments: [
            (Kernel.own, "counter-file"), (.beforePassthrough, "counter-file"), (.beforePassthrough, "page-cache"),
        ])
        func aThreadThatDoesNotServeStopsItAndIsNamed(_ kernel: Kernel, _ thread: String) throws {
            let device = try TestDevice()
            defer { device.end() }
            let (daemon, manager) = try serve(device, kernel: kernel)
            let debugger = try device.run("TestClient", ["suspend", "\(daemon.processID)", thread])
            try debugger.waitFor("stopped")
            try daemon.waitFor("the thread \(thread) has ")
            manager.forget()
            #expect(!manager.hears(for: 3) { $0 == "WATCHDOG=1" })

            try debugger.send("go on")
            #expect(try debugger.exitCode() == 0)
            try manager.waitFor("the watchdog to be fed") { $0 == "WATCHDOG=1" }
            try daemon.waitFor("the thread \(thread) gets on again")
        }

        @Test func aBackendThatHangsIsToldAndIsNoReasonToEnd() throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.setIdentity(1)
            let (daemon, manager) = try serve(device, "--backend", "file", "--backend-file", device.identityFile)
            let debugger = try device.run("TestClient", ["suspend", "\(daemon.processID)", "backend"])
            try debugger.waitFor("stopped")
            try daemon.waitFor("resumes go unnoticed")
            try manager.waitFor("the complaint") { $0.hasSuffix("; the thread backend is stuck") }
            manager.forget()
            for _ in 1...3 { #expect(try manager.receive() == "WATCHDOG=1") }
            try device.trigger()
            #expect(try device.mapped() == 1)
            daemon.signal(SIGTERM)
            try daemon.waitFor("the backend hangs and is left behind")
            try daemon.waitFor("stopped at generation 1")
            // The debugger keeps what has ended of its thread, and so of the process, until it ends, too.
            debugger.end()
            #expect(try daemon.exitCode() == 0)
            #expect(!device.exists)
        }

        @Test func aManagerThatCannotKeepDescriptorsIsTold() throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try device.serve(environment: ["NOTIFY_SOCKET": device.folder + "/nobody"])
            let told = daemon.lines.filter { $0.contains("the service manager cannot be given what a successor needs") }
            #expect(told.count == 1)
            #expect(told.first?.contains("sendmsg FDSTORE=1 of sysgenid-page: No such file or directory") == true)
            try device.trigger()
            #expect(try device.mapped() == 1)
        }

        @Test func theStatusIsToldWhereItChanges() throws {
            let device = try TestDevice()
            defer { device.end() }
            let manager = try NotificationSocket(device.folder + "/notify")
            try device.serve(environment: ["NOTIFY_SOCKET": manager.path])
            #expect(try manager.receiveReady().hasSuffix("generation 0, 0 watchers"))
            #expect(!manager.hears(for: 1) { _ in true })
            try device.trigger()
            #expect(try manager.receive().contains("generation 1, "))
        }

        @Test func aHangUpMakesItLookAgain() throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.setIdentity(1)
            let (daemon, manager) = try serve(device, "--backend", "file", "--backend-file", device.identityFile)
            let reader = try device.client("read")
            daemon.signal(SIGHUP)
            try manager.waitFor("the reload") { $0.hasPrefix("RELOADING=1\nMONOTONIC_USEC=") }
            try manager.waitFor("the readiness") { $0.hasPrefix("READY=1") }
            #expect(reader.lines == ["ready"])
            #expect(try device.mapped() == 0)
            try device.setIdentity(2)
            #expect(try reader.exitCode() == 0)
            #expect(daemon.isRunning)
        }
    }
}
