import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// Unchanged Python programs with the client of Clients/python.
    @Suite(.needsProgram("/usr/bin/python3")) struct PythonClient {
        private func withClient(
            kernel: Kernel? = .own, _ body: (ScriptingClient, TestDevice) throws -> Void
        ) throws {
            let device = try TestDevice()
            defer { device.end() }
            if let kernel { try device.serve(kernel: kernel) }
            try body(ScriptingClient(.python, for: device), device)
        }

        @Test(
            arguments: ["random", "randrange", "gauss", "shuffle", "instance", "instance-gauss", "state"],
            Kernel.allCases)
        func copiesDrawOthersBeforeTheyAreSeen(_ kind: String, _ kernel: Kernel) throws {
            try withClient(kernel: kernel) { client, device in
                let program = client.program("copies.py")
                let without = try client.copies(of: client.runWithout(program, kind), after: device.trigger)
                #expect(without.areSame)
                #expect(try client.copies(of: client.run(program, kind), after: {}).areSame)
                #expect(try !client.copies(of: client.run(program, kind), after: device.trigger).areSame)
            }
        }

        @Test(arguments: ["openssl", "numpy", "numpy-integers"], Kernel.allCases)
        func copiesDrawOthersWhenTheirThreadsHaveSeen(_ kind: String, _ kernel: Kernel) throws {
            try withClient(kernel: kernel) { client, device in
                let program = client.program("copies.py")
                let without = try client.copies(of: client.runWithout(program, kind), after: device.trigger)
                #expect(without.areSame)
                #expect(try client.copies(of: client.run(program, kind), isSeenByThreads: true, after: {}).areSame)
                let with = try client.copies(
                    of: client.run(program, kind), isSeenByThreads: true, after: device.trigger)
                #expect(!with.areSame)
            }
        }

        @Test(arguments: ["random", "openssl"], Kernel.allCases)
        func theNextDaemonIsSeen(_ kind: String, _ kernel: Kernel) throws {
            try withClient(kernel: nil) { client, device in
                let daemon = try device.serve(kernel: kernel)
                let program = try client.run(client.program("copies.py"), kind)
                let copies = try client.copies(of: program, isSeenByThreads: kind == "openssl") {
                    daemon.signal(SIGTERM)
                    #expect(try daemon.exitCode() == 0)
                    try device.serve(kernel: kernel)
                    // Each of the four processes has one thread, which looks for the device once a second.
                    if kind == "openssl" { try waitUntil("four watchers") { device.attribute("watchers") == "4" } }
                    try device.trigger()
                }
                #expect(!copies.areSame)
            }
        }

        @Test(arguments: [
            "import ssl, numpy", "import ssl, os; os._exit(3)", "import ssl, sys; sys.exit('over')",
            "import ssl, threading; threading.Thread(target=print, args=['thread']).start()",
            "import ssl, os, signal; os.kill(os.getpid(), signal.SIGTERM)",
            "import ssl, random, subprocess; subprocess.run(['true'], preexec_fn=random.seed, check=True)",
        ]) func aProgramEndsAsItWould(_ line: String) throws {
            try withClient { client, device in
                let programs = try [client.run("-c", line), client.runWithout("-c", line)]
                let codes = try programs.map { try $0.exitCode() }
                #expect(codes[0] == codes[1] && programs[0].text == programs[1].text, "\(programs[0].text)")
                try waitUntil("the end of what it watched by") { device.attribute("watchers") == "0" }
            }
        }

        /// A container has the device and not what is published. Before 6.9 its mapping would end with the daemon.
        @Test(arguments: Kernel.allCases) func theDeviceAloneIsMappedWhereItsPageOutlivesTheDaemon(
            _ kernel: Kernel
        ) throws {
            try withClient(kernel: kernel) { client, device in
                let program = try client.run(
                    client.program("copies.py"), "random", environment: ["SYSGENID_RUNTIME_DIR": "/nowhere"])
                let copies = try client.copies(of: program, after: device.trigger)
                #expect(copies.areSame == (kernel == .beforePassthrough))
            }
        }

        @Test func whatItDoesInAProcess() throws {
            try withClient { client, _ in
                let program = try client.run(client.program("test_client.py"))
                #expect(try program.exitCode() == 0, "\(program.text)")
                #expect(program.text.contains("Ran 17 tests") && program.text.hasSuffix("\nOK\n"), "\(program.text)")
            }
        }

        @Test func whatIsSeededOnPurposeIsRenewedWhereThatIsAskedFor() throws {
            let line = "import random, sys; random.seed(42); print(random.random()); input(); print(random.random())"
            try withClient { client, device in
                for (setting, isRenewed) in [("", false), ("keep", false), ("renew", true)] {
                    let programs = try [
                        client.runWithout("-u", "-c", line),
                        client.run("-c", line, environment: ["SYSGENID_SEEDED": setting, "PYTHONUNBUFFERED": "1"]),
                    ]
                    for program in programs { try program.waitFor("\n") }
                    try device.trigger()
                    for program in programs {
                        try program.send("")
                        #expect(try program.exitCode() == 0, "\(program.text)")
                    }
                    #expect((programs[0].text != programs[1].text) == isRenewed)
                }
            }
        }

        @Test func withoutADeviceAProgramRunsOnUnchanged() throws {
            try withClient(kernel: nil) { client, device in
                let line = """
                    import os, random, ssl, numpy
                    random.seed(1), numpy.random.seed(1), ssl.RAND_bytes(1)
                    print(random.random(), type(random.random), random.Random.random, len(os.listdir('/proc/self/fd')))
                    """
                let programs = try [client.run("-c", line), client.runWithout("-c", line)]
                for program in programs { #expect(try program.exitCode() == 0, "\(program.text)") }
                #expect(programs[0].text == programs[1].text)
            }
        }

        // MARK: - How a program is run

        @Test func aProgramFindsItselfAsItWould() throws {
            try withClient { client, device in
                let script = device.folder + "/program.py"
                try """
                import sys, random
                import __main__
                print(__name__, __file__, sys.argv[1:], sys.path[0], __main__.random is random, __doc__, __spec__)
                print(sorted(name for name in vars(__main__)))
                sys.exit(7)
                """.write(toFile: script, atomically: true, encoding: .utf8)
                for words in [
                    [script, "one", "-m"], ["-c", "import sys; print(sys.argv, __name__); sys.exit(7)", "-x"],
                ] {
                    let programs = try [
                        device.run(
                            "/usr/bin/python3", ["-m", "sysgenid.auto"] + words, environment: client.environment),
                        device.run("/usr/bin/python3", words),
                    ]
                    for program in programs { #expect(try program.exitCode() == 7, "\(program.text)") }
                    #expect(programs[0].text == programs[1].text)
                }
                let module = try client.run("-m", "timeit", "-n", "1", "import random; random.random()")
                #expect(try module.exitCode() == 0, "\(module.text)")
                #expect(module.text.contains("1 loop"))
                for words in [[], ["-m"], ["--nothing"]] {
                    let program = try device.run(
                        "/usr/bin/python3", ["-m", "sysgenid.auto"] + words, environment: client.environment)
                    #expect(try program.exitCode() == 2)
                    #expect(program.text.contains("python3 -m sysgenid.auto PROGRAM"))
                }
            }
        }

        @Test func itIsEnabledAndDisabledForAllProgramsOfAPython() throws {
            try withClient { client, device in
                // A Python of the test's own, which knows of the client by what is written alone.
                let own = device.folder + "/own"
                try device.succeed("/usr/bin/python3", "-m", "venv", "--without-pip", own)
                let without = client.environment.filter { $0.key != "PYTHONPATH" }
                func run(_ words: String..., environment: [String: String]? = nil) throws -> String {
                    let program = try device.run(own + "/bin/python3", words, environment: environment ?? without)
                    #expect(try program.exitCode() == 0, "\(program.text)")
                    return program.text
                }
                func administer(_ action: String) throws -> String {
                    try run("-m", "sysgenid.auto", action, environment: client.environment)
                }
                let file = try run("-c", "import site; print(site.getsitepackages()[0])").dropLast() + "/sysgenid.pth"
                let look = "import random, sys; print(hasattr(random.Random, '_sysgenid_generation'), sys.path)"
                let path = try run("-c", look).dropFirst("False".count)
                #expect(try administer("--status") == "disabled: \(file)\n")
                for _ in 1...2 {
                    #expect(try administer("--enable") == "enabled: \(file)\n")
                    #expect(try run("-c", look) == "True" + path)
                }
                #expect(try administer("--status") == "enabled: \(file)\n")
                let twice = try run("-m", "sysgenid.auto", "-c", look, environment: client.environment)
                #expect(twice.hasPrefix("True"))
                // Without what it names, all programs start still.
                let (place, away) = (device.folder + "/client", device.folder + "/away")
                try FileManager.default.moveItem(atPath: place, toPath: away)
                #expect(try run("-c", look) == "False" + path)
                try FileManager.default.moveItem(atPath: away, toPath: place)
                for _ in 1...2 { #expect(try administer("--disable") == "disabled: \(file)\n") }
                #expect(try run("-c", look) == "False" + path)
            }
        }
    }
}
