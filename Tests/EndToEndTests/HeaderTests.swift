import CSysGenID
import Foundation
import SysGenIDCore
import SysGenIDSystem
import TestSupport
import Testing

extension EndToEnd {
    /// The header for programs in C and C++, as it is installed and found by pkg-config.
    @Suite struct Header {
        /// A served device, and the test program for it.
        private func withProgram(
            _ language: Language, kernel: Kernel = .own, _ body: (TestDevice, String) throws -> Void
        ) throws {
            let device = try TestDevice()
            defer { device.end() }
            let program = try device.compile("Tests/Header/header.c", as: language)
            try device.serve(kernel: kernel)
            try body(device, program)
        }

        /// What a program is run with for which no device can be mapped.
        private func unmappable(_ device: TestDevice) throws -> [String: String] {
            let library = device.folder + "/unmappable.so"
            let source = Built.project.appending(path: "Tests/Header/unmappable.c").path
            let compiler = try device.run("/usr/bin/env", ["cc", "-shared", "-fPIC", "-o", library, source])
            #expect(try compiler.exitCode() == 0, "\(compiler.text)")
            return ["LD_PRELOAD": library]
        }

        @Test(arguments: Language.allCases, Kernel.allCases)
        func theProbeShowsEachChange(_ language: Language, _ kernel: Kernel) throws {
            try withProgram(language, kernel: kernel) { device, program in
                let probe = try device.run(program, ["probe", device.path, device.runtimeDirectory])
                try probe.waitFor("0\n")
                for change in 1...3 {
                    try device.trigger()
                    try probe.send("")
                    try probe.waitFor("\(change)\n")
                }
                #expect(probe.lines == ["0", "1", "2", "3"])
            }
        }

        /// Where the device cannot be mapped, the page that its own daemon publishes takes its place, and no other one.
        @Test(arguments: Language.allCases)
        func theProbeTakesNoPageOfAnotherDevice(_ language: Language) throws {
            try withProgram(language) { device, program in
                let unmappable = try unmappable(device)
                let link = device.folder + "/link"
                try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: device.path)
                let other = try TestDevice()
                defer { other.end() }
                try other.serve()
                for _ in 1...3 { try other.trigger() }

                func probe(_ path: String, _ directory: String) throws -> RunningProgram {
                    try device.run(program, ["probe", path, directory], environment: unmappable)
                }
                for path in [device.path, link] {
                    let own = try probe(path, device.runtimeDirectory)
                    try own.waitFor("\(path == link ? 1 : 0)\n")
                    try device.trigger()
                    try own.send("")
                    try own.waitFor("\(path == link ? 2 : 1)\n")
                }
                #expect(try probe(device.path, other.runtimeDirectory).exitCode() == ENODEV)
                try FileManager.default.removeItem(atPath: device.runtimeDirectory + "/device")
                #expect(try probe(device.path, device.runtimeDirectory).exitCode() == ENODEV)
            }
        }

        /// Only root can have written to the page, and behind the end of a shorter one there is nothing to load.
        @Test(arguments: Language.allCases)
        func theProbeTakesNoPageThatSomebodyElseCouldWriteTo(_ language: Language) throws {
            try withProgram(language) { device, program in
                let unmappable = try unmappable(device)
                let page = device.runtimeDirectory + "/page"
                func probe() throws -> RunningProgram {
                    try device.run(program, ["probe", device.path, device.runtimeDirectory], environment: unmappable)
                }
                try probe().waitFor("0\n")
                try #require(chown(page, 65_534, 0) == 0)
                #expect(try probe().exitCode() == ENODEV)
                try #require(chown(page, 0, 0) == 0)
                for mode in [0o664, 0o646] as [mode_t] {
                    try #require(chmod(page, mode) == 0)
                    #expect(try probe().exitCode() == ENODEV)
                }
                try #require(chmod(page, 0o644) == 0)
                try probe().waitFor("0\n")
                try FileManager.default.removeItem(atPath: page)
                try Data(count: 4_095).write(to: URL(filePath: page))
                #expect(try probe().exitCode() == ENODEV)
            }
        }

        /// A resume is seen by the hypervisor's counter at once, and again by the generation; a trigger by that alone.
        @Test(arguments: Language.allCases)
        func aProbeWithAClockSeesAResumeBeforeTheGenerationShowsIt(_ language: Language) throws {
            try withProgram(language) { device, program in
                let clock = try NamedMemory(device.folder + "/clock", isNew: true)
                VMClockLayout.page(size: CounterPage.size).withUnsafeBytes { clock.store($0, at: 0) }
                func mark() throws -> RunningProgram {
                    try device.run(
                        program, ["mark-played", device.path, device.runtimeDirectory, device.folder + "/clock"])
                }
                let probe = try mark()
                try probe.waitFor("ready\n")
                #expect(try probe.answer("") == "same")
                clock.store(UInt64(1) << 40, at: VMClockLayout.Offset.generationCounter)
                #expect(try probe.answer("") == "awaits the generation")
                #expect(try probe.answer("") == "same")
                try device.trigger()
                #expect(try probe.answer("") == "changed")
                try device.trigger()
                #expect(try probe.answer("") == "changed")
                #expect(try probe.answer("") == "same")
                // The hypervisor adjusts its clock; and it never comes to an end with that.
                clock.store(UInt32(2), at: VMClockLayout.Offset.sequence)
                #expect(try probe.answer("") == "same")
                clock.store(UInt32(3), at: VMClockLayout.Offset.sequence)
                #expect(try probe.answer("") == "awaits the generation")
                clock.store(UInt32(5), at: VMClockLayout.Offset.sequence)
                #expect(try probe.answer("") == "awaits the generation")
                clock.store(UInt32(6), at: VMClockLayout.Offset.sequence)
                #expect(try probe.answer("") == "changed")
                // Without the flag of a counter it has none.
                clock.store(UInt32(0), at: VMClockLayout.Offset.flags)
                #expect(try mark().exitCode() == EOPNOTSUPP)
                clock.store(UInt32(0), at: VMClockLayout.Offset.magic)
                #expect(try mark().exitCode() == ENOTTY)
            }
        }

        /// A file could be made shorter under the program; and the daemon's own page shows nothing more.
        @Test(arguments: Language.allCases)
        func aProbeTakesNoClockThatIsNotTheKernels(_ language: Language) throws {
            try withProgram(language) { device, program in
                func failure(_ clock: String) throws -> Int32? {
                    let probe = try device.run(program, ["mark", device.path, device.runtimeDirectory, clock])
                    try waitUntil("an answer") { !probe.lines.isEmpty }
                    return probe.lines == ["ready"] ? nil : try probe.exitCode()
                }
                let page = device.folder + "/clock"
                try Data(VMClockLayout.page(size: CounterPage.size)).write(to: URL(filePath: page))
                #expect(try failure(page) == ENOTTY)
                #expect(try failure(device.devicesDirectory + "/vmclock0") == ENOTTY)
                #expect(try failure("/dev/zero") == ENOTTY)
                #expect(try failure("/dev/fuse") == ENODEV)
                #expect(try failure(device.folder + "/none") == ENOENT)
            }
        }

        @Test(arguments: Language.allCases)
        func theOffsetOfAnotherDeviceIsNotTaken(_ language: Language) throws {
            try withProgram(language) { device, program in
                let other = try TestDevice()
                defer { other.end() }
                try other.serve()
                try "64\n".write(toFile: other.runtimeDirectory + "/page_offset", atomically: true, encoding: .utf8)
                try device.trigger()
                let probe = try device.run(program, ["probe", device.path, other.runtimeDirectory])
                try probe.waitFor("1\n")
            }
        }

        @Test(arguments: Language.allCases, ["2", "3"])
        func aTrackedWatchIsWaitedForUntilItAcknowledges(_ language: Language, _ flags: String) throws {
            try withProgram(language) { device, program in
                let watch = try device.run(program, ["watch", device.path, flags, "2"])
                try watch.waitFor("ready\n")
                let trigger = try device.run(program, ["trigger", device.path, "7"])
                #expect(try trigger.exitCode() == 0)
                #expect(trigger.lines == ["7"])
                try watch.waitFor("7\n")
                #expect(try device.run(program, ["wait", device.path, "50"]).exitCode() == ETIME)
                try device.trigger()
                // The generation is not the one that was renewed for, and the watch stays outdated.
                try watch.send("")
                try watch.waitFor("acknowledged: 0\n8\n")
                #expect(try device.run(program, ["wait", device.path, "50"]).exitCode() == ETIME)
                try watch.send("")
                try watch.waitFor("acknowledged: 1\n")
                #expect(try device.run(program, ["wait", device.path, TestDevice.untilTheCap]).exitCode() == 0)
                try device.trigger()
                try watch.waitFor("9\n")
                try watch.send("")
                #expect(try watch.exitCode() == 0)
                #expect(watch.lines.last == "acknowledged: 1")
            }
        }

        @Test(arguments: Language.allCases)
        func theEndOfTheDaemonIsOneError(_ language: Language) throws {
            let device = try TestDevice()
            defer { device.end() }
            let program = try device.compile("Tests/Header/header.c", as: language)
            for signal in [SIGTERM, SIGKILL] {
                let daemon = try device.serve()
                let watch = try device.run(program, ["watch", device.path, "0"])
                try watch.waitFor("ready\n")
                daemon.signal(signal)
                _ = try daemon.exitCode()
                #expect(try watch.exitCode() == ENOTCONN)
            }
        }

        @Test(arguments: Language.allCases, ["2", "3"])
        func aWatchGoesOnWithTheNextDaemon(_ language: Language, _ flags: String) throws {
            let device = try TestDevice()
            defer { device.end() }
            let program = try device.compile("Tests/Header/header.c", as: language)
            try device.setIdentity(1)
            func serve() throws -> RunningProgram {
                try device.serve("--backend", "file", "--backend-file", device.identityFile)
            }
            var daemon = try serve()
            let follower = try device.run(program, ["follow", device.path, flags, device.runtimeDirectory])
            try follower.waitFor("ready\n")
            for (identity, answer) in [(1, "unchanged\n"), (2, "\nchanged\n1\n")] as [(UInt8, String)] {
                daemon.signal(SIGTERM)
                #expect(try daemon.exitCode() == 0)
                try device.setIdentity(identity)
                daemon = try serve()
                try follower.waitFor(answer)
            }
            try device.trigger()
            try follower.waitFor("\n2\n")
            #expect(try device.run(program, ["wait", device.path, TestDevice.untilTheCap]).exitCode() == 0)
            #expect(follower.lines == ["ready", "gone", "unchanged", "gone", "changed", "1", "2"])
        }

        /// Nothing shows the generation. Who may write asks by an acknowledgement; who only reads cannot know that there was
        /// no change, and must not be left without one.
        @Test(
            arguments: Language.allCases,
            [
                ("2", ["ready", "gone", "unchanged", "gone", "changed", "0"]),
                ("3", ["ready", "gone", "changed", "0", "gone", "changed", "0"]),
            ])
        func aWatchWithoutAPageGoesOnWithTheNextDaemon(
            _ language: Language, _ expected: (flags: String, lines: [String])
        ) throws {
            let device = try TestDevice()
            defer { device.end() }
            let program = try device.compile("Tests/Header/header.c", as: language)
            let unmappable = try unmappable(device)
            try device.setIdentity(1)
            func serve() throws -> RunningProgram {
                try device.serve("--backend", "file", "--backend-file", device.identityFile)
            }
            var daemon = try serve()
            let follower = try device.run(
                program, ["follow", device.path, expected.flags, device.folder + "/nothing"], environment: unmappable)
            try follower.waitFor("ready\n")
            for (identity, end) in [(1, expected.flags == "2" ? 3 : 4), (2, expected.lines.count)] as [(UInt8, Int)] {
                daemon.signal(SIGTERM)
                #expect(try daemon.exitCode() == 0)
                try device.setIdentity(identity)
                daemon = try serve()
                try waitUntil("\(expected.lines[..<end])", details: { follower.text }) {
                    follower.lines.count >= end
                }
            }
            #expect(follower.lines == expected.lines)
        }

        @Test(arguments: Language.allCases)
        func whatIsNotTheDeviceIsRefused(_ language: Language) throws {
            try withProgram(language) { device, program in
                #expect(try device.run(program, ["watch", device.folder + "/none", "0"]).exitCode() == ENOENT)
                #expect(try device.run(program, ["watch", "/dev/null", "0"]).exitCode() == ENOTTY)
                #expect(try device.run(program, ["probe", "/dev/zero", device.runtimeDirectory]).exitCode() == ENOTTY)
                let outsider = ["--reuid", "65534", "--regid", "65534", "--clear-groups", program]
                for (command, error) in [("watch", EACCES), ("trigger", EACCES), ("wait", 0)] {
                    let denied = try device.run("/usr/bin/setpriv", outsider + [command, device.path, "0"])
                    #expect(try denied.exitCode() == error, "\(command)")
                }
            }
        }

        @Test(arguments: Language.allCases)
        func thePublishedOffsetIsTakenOrRefused(_ language: Language) throws {
            try withProgram(language) { device, program in
                let file = device.runtimeDirectory + "/page_offset"
                for (contents, offset) in [("0\n", 0), ("4", 4), ("4092\n", 4_092)] {
                    try contents.write(toFile: file, atomically: true, encoding: .utf8)
                    let query = try device.run(program, ["offset", device.runtimeDirectory])
                    #expect(try query.exitCode() == 0)
                    #expect(query.lines == ["\(offset)"])
                }
                for contents in [
                    "", "\n", "x", "-4", "+4", "04", "4 ", "2", "4093", "4096", "99999", "4\n4\n", "12345678901",
                ] {
                    try contents.write(toFile: file, atomically: true, encoding: .utf8)
                    #expect(try device.run(program, ["offset", device.runtimeDirectory]).exitCode() == EINVAL)
                    let probe = try device.run(program, ["probe", device.path, device.runtimeDirectory])
                    #expect(try probe.exitCode() == EINVAL, "\(contents)")
                }
                try FileManager.default.removeItem(atPath: file)
                let query = try device.run(program, ["offset", device.runtimeDirectory])
                #expect(try query.exitCode() == 0)
                #expect(query.lines == ["0"])
                try FileManager.default.createDirectory(atPath: file, withIntermediateDirectories: false)
                #expect(try device.run(program, ["offset", device.runtimeDirectory]).exitCode() == EISDIR)
            }
        }

        /// A plain directory stands for what the daemon serves.
        @Test(arguments: Language.allCases)
        func aContainersDeviceIsMadeAndRemoved(_ language: Language) throws {
            let device = try TestDevice()
            defer { device.end() }
            let program = try device.compile("Tests/Header/header.c", as: language)
            let containers = device.folder + "/containers", web = containers + "/web"
            func container(_ action: String, _ name: String) throws -> RunningProgram {
                try device.run(program, ["container", device.folder, action, name])
            }
            #expect(try container("0", "web").exitCode() == ENOENT)
            try #require(mkdir(containers, 0o755) == 0)

            let made = try container("4294967295", "web")
            #expect(try made.exitCode() == 0, "\(made.text)")
            #expect(made.lines == [web + "/sysgenid"])
            var value = [UInt8](repeating: 0, count: 16)
            let length = getxattr(web, "user.sysgenid.minimum", &value, value.count)
            #expect(String(decoding: value.prefix(max(length, 0)), as: UTF8.self) == "4294967295")
            #expect(try FileManager.default.attributesOfItem(atPath: web)[.ownerAccountID] as? Int == 1_234)

            #expect(try container("0", "web").exitCode() == EEXIST)
            for name in ["", ".", "..", ".web", "a/b", "../web", "ä", String(repeating: "n", count: 65)] {
                #expect(try container("0", name).exitCode() == EINVAL, "\(name)")
                #expect(try container("remove", name).exitCode() == EINVAL, "\(name)")
            }
            #expect(try container("remove", "web").exitCode() == 0)
            #expect(try container("remove", "web").exitCode() == ENOENT)
            #expect(Scratch.names(in: containers) == [])
        }
    }
}
