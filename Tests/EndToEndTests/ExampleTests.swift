import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// The programs in Examples, built as a user builds them. Those in C and in Swift do the same.
    @Suite struct Examples {
        private func withServedDevice(_ body: (TestDevice, RunningProgram) throws -> Void) throws {
            let device = try TestDevice()
            defer { device.end() }
            try body(device, try device.serve())
        }

        private func expectReadjusted(_ device: TestDevice) throws {
            #expect(try device.control("wait", "--timeout", TestDevice.untilTheCap).exitCode() == 0)
        }

        private func restart(_ daemon: RunningProgram, of device: TestDevice) throws {
            daemon.signal(SIGTERM)
            #expect(try daemon.exitCode() == 0)
            try device.serve()
            try waitUntil("the watcher") { device.attribute("tracked") == "1" }
        }

        @Test(arguments: ["watchdog", "event-loop"], ExampleLanguage.allCases)
        func theSecretIsRenewedBeforeAnOverseerGoesOn(_ name: String, _ language: ExampleLanguage) throws {
            try withServedDevice { device, daemon in
                let running = try device.example(name, in: language)
                try running.waitFor("renewed the secret for generation 0\n")
                try running.send("")
                try running.waitFor("worked with the secret of generation 0\n")
                for change in 1...2 {
                    try device.trigger()
                    try expectReadjusted(device)
                    try running.send("")
                    try running.waitFor("worked with the secret of generation \(change)\n")
                }
                try restart(daemon, of: device)
                try device.trigger()
                try expectReadjusted(device)
                try running.send("")
                try running.waitFor("worked with the secret of generation 3\n")
                let expected = (0...3).flatMap {
                    ["renewed the secret for generation \($0)", "worked with the secret of generation \($0)"]
                }
                #expect(running.lines == expected)
            }
        }

        @Test func eachWorkerRenewsBeforeAnOverseerGoesOn() throws {
            try withServedDevice { device, daemon in
                let server = try device.example("workers", in: .c)
                for worker in 1...2 { try server.waitFor("worker \(worker): renewed the secret for generation 0\n") }
                try waitUntil("two watchers") { device.attribute("tracked") == "2" }
                func expectBoth(_ generation: Int) throws {
                    try device.trigger()
                    try expectReadjusted(device)
                    for _ in 1...2 { try server.send("") }
                    for worker in 1...2 {
                        try server.waitFor("worker \(worker): worked with the secret of generation \(generation)\n")
                        let renewal = "worker \(worker): renewed the secret for generation \(generation)"
                        #expect(server.lines.count { $0 == renewal } == 1)
                    }
                }
                try expectBoth(1)
                daemon.signal(SIGTERM)
                #expect(try daemon.exitCode() == 0)
                try device.serve()
                try waitUntil("the workers") { device.attribute("tracked") == "2" }
                try expectBoth(2)
                #expect(server.lines.count == 10)
            }
        }

        @Test func withoutTheDeviceTheServerFails() throws {
            let device = try TestDevice()
            defer { device.end() }
            #expect(try device.example("workers", in: .c).exitCode() != 0)
        }

        @Test func anAsynchronousSequenceRenewsTheSecret() throws {
            try withServedDevice { device, daemon in
                let running = try device.example("async-sequence", in: .swift)
                try running.waitFor("renewed the secret for generation 0\n")
                try device.trigger()
                try expectReadjusted(device)
                try restart(daemon, of: device)
                try device.trigger()
                try expectReadjusted(device)
                #expect(running.lines == (0...2).map { "renewed the secret for generation \($0)" })
            }
        }

        @Test(arguments: ExampleLanguage.allCases)
        func aSecretIsNotUsedAcrossAChange(_ language: ExampleLanguage) throws {
            try withServedDevice { device, _ in
                let running = try device.example("cached-secret", in: language)
                for _ in 1...2 { try running.send("request") }
                try waitUntil("both answers") { running.lines.count == 2 }
                try device.trigger()
                try running.send("request")
                try running.waitFor("secret 2")
                try running.send("slow")
                usleep(200_000)
                try device.trigger()
                try running.waitFor("secret 3")
                #expect(
                    running.lines == [
                        "answered with secret 1 of generation 0", "answered with secret 1 of generation 0",
                        "answered with secret 2 of generation 1", "thrown away what was made with secret 2",
                        "answered with secret 3 of generation 2",
                    ])
            }
        }

        @Test func theProbeOfAWatcherGoesOnWithTheNextDaemon() throws {
            try withServedDevice { device, daemon in
                let running = try device.example("cached-secret", in: .swift)
                try running.send("request")
                try running.waitFor("secret 1 of generation 0\n")
                daemon.signal(SIGKILL)
                _ = try daemon.exitCode()
                try device.serve()
                try waitUntil("the watcher") { device.attribute("watchers") == "1" }
                try device.trigger()
                try running.send("request")
                try running.waitFor("secret 2 of generation 1\n")
            }
        }

        @Test(arguments: ExampleLanguage.allCases)
        func theOverseerResumesWhenAllHaveReadjusted(_ language: ExampleLanguage) throws {
            try withServedDevice { device, _ in
                let tracked = try device.client("track")
                let overseer = try device.example("overseer", in: language, [TestDevice.untilTheCap])
                try tracked.waitFor("1\n")
                try overseer.waitFor("generation 1\n")
                usleep(100_000)
                #expect(overseer.lines == ["quiesced", "generation 1"])
                try tracked.send("go on")
                #expect(try overseer.exitCode() == 0)
                #expect(overseer.lines == ["quiesced", "generation 1", "resumed"])
            }
        }

        @Test(arguments: ExampleLanguage.allCases)
        func theOverseerStaysQuietWhereOneIsTooLate(_ language: ExampleLanguage) throws {
            try withServedDevice { device, _ in
                _ = try device.client("track")
                let overseer = try device.example("overseer", in: language, ["300"])
                #expect(try overseer.exitCode() == 3)
                #expect(overseer.lines == ["quiesced", "generation 1", "not everybody has readjusted in time"])
            }
        }

        @Test(arguments: ExampleLanguage.allCases)
        func clonesHandOutTheSameOnlyWithoutTheDevice(_ language: ExampleLanguage) throws {
            for isProtected in [false, true] {
                try withServedDevice { device, _ in
                    let options = isProtected ? [] : ["--without-device"]
                    let service = try device.example("uuid-service", in: language, options: options)
                    try service.waitFor("ready\n")
                    for _ in 1...2 { try service.send("uuid") }
                    try waitUntil("two") { service.lines.count == 3 }
                    try service.send("clone")
                    try device.trigger()
                    for _ in 1...3 { try service.send("uuid") }
                    try waitUntil("three of each") { service.lines.count == 9 }

                    let uuids = service.lines.dropFirst()
                    for uuid in uuids {
                        #expect(
                            uuid.wholeMatch(
                                of: /(    )?[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/) != nil
                        )
                    }
                    let first = uuids.filter { !$0.hasPrefix(" ") }
                    let second = uuids.filter { $0.hasPrefix(" ") }.map { String($0.dropFirst(4)) }
                    #expect(first.count == 5 && second.count == 3)
                    #expect(Set(first).count == 5 && Set(second).count == 3)
                    #expect(Set(first).intersection(second).count == (isProtected ? 0 : 3))
                }
            }
        }

        @Test func aContainerThatWasRestoredHasAChangeOfItsOwn() throws {
            try withServedDevice { device, _ in
                let name = "restored"
                let container = ContainerDevice(device, name)
                let manager = try device.containerManager(of: name)
                try manager.waitFor("mount \(container.path) to /dev/sysgenid of the container\n")
                let tracked = try container.client("track")
                try manager.send("restored")
                try tracked.waitFor("1\n")
                try manager.waitFor("generation 1\n")
                usleep(100_000)
                #expect(manager.lines.last == "generation 1")
                try tracked.send("go on")
                try manager.waitFor("in service\n")
                #expect(try container.generation() == "1")
                #expect(try device.mapped() == 0)

                // Another one finds the device that is there.
                manager.signal(SIGKILL)
                _ = try manager.exitCode()
                let next = try device.containerManager(of: name)
                try next.send("restored")
                try next.waitFor("generation 2\nin service\n")
            }
        }

        @Test func withoutANameOrTheDaemonThereIsNoDeviceForAContainer() throws {
            let device = try TestDevice()
            defer { device.end() }
            #expect(try device.containerManager(of: "../other").exitCode() == 2)
            #expect(try device.containerManager(of: "restored").exitCode() != 0)
        }

        @Test(
            arguments: ExampleLanguage.allCases,
            ["watchdog", "event-loop", "cached-secret", "overseer", "uuid-service"])
        func withoutTheDeviceItFails(_ language: ExampleLanguage, _ name: String) throws {
            let device = try TestDevice()
            defer { device.end() }
            #expect(try device.example(name, in: language).exitCode() != 0)
        }
    }
}
