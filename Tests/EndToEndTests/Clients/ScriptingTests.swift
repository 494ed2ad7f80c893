import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// Unchanged programs of Perl, Ruby and PHP with the clients of Clients/LANGUAGE.
    @Suite struct ScriptingClients {
        private func compareCopies(
            _ language: ScriptingClient.Language, _ program: String, _ kind: String, kernel: Kernel = .own
        ) throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve(kernel: kernel)
            let client = try ScriptingClient(language, for: device)
            let path = client.program(program)
            let isSeeded = kind.hasPrefix("seeded") && kind != "seeded-again"
            #expect(try client.copies(of: client.runWithout(path, kind), after: device.trigger).areSame)
            #expect(try client.copies(of: client.run(path, kind), after: {}).areSame)
            #expect(try client.copies(of: client.run(path, kind), after: device.trigger).areSame == isSeeded)
            if isSeeded {
                let program = try client.run(path, kind, environment: ["SYSGENID_SEEDED": "renew"])
                #expect(try !client.copies(of: program, after: device.trigger).areSame)
            }
        }

        /// What a seeded program prints does not tell that the client is there.
        private func compareWholeOutput(_ language: ScriptingClient.Language, _ program: String) throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve()
            let client = try ScriptingClient(language, for: device)
            let programs = try [
                client.run(client.program(program), "seeded"), client.runWithout(client.program(program), "seeded"),
            ]
            for program in programs { _ = try client.copies(of: program, after: {}) }
            #expect(programs[0].text == programs[1].text)
        }

        private func drawWithoutDevice(_ language: ScriptingClient.Language, _ program: String, _ kind: String) throws {
            let device = try TestDevice()
            defer { device.end() }
            let client = try ScriptingClient(language, for: device)
            #expect(try client.copies(of: client.run(client.program(program), kind), after: {}).areSame)
            // One that is no device is none.
            try Data(count: 4096).write(to: URL(filePath: device.path))
            #expect(try client.copies(of: client.run(client.program(program), kind), after: {}).areSame)
        }

        private func drawAfterTheDeviceHasGone(
            _ language: ScriptingClient.Language, _ program: String, _ kind: String, _ kernel: Kernel
        ) throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try device.serve(kernel: kernel)
            let client = try ScriptingClient(language, for: device)
            let copies = try client.copies(of: client.run(client.program(program), kind)) {
                daemon.signal(SIGKILL)
                _ = try daemon.exitCode()
                try device.serve(kernel: kernel)
                try device.trigger()
            }
            #expect(!copies.areSame)
            let last = try client.copies(of: client.run(client.program(program), kind)) {
                try device.abortConnection()
            }
            #expect(last.areSame)
        }

        // MARK: - Perl

        @Test(
            .needsProgram("/usr/bin/perl"),
            arguments: [
                "rand", "rand-of", "rand-and-more", "shuffle", "seeded", "seeded-shuffle", "seeded-again",
            ]) func perl(_ kind: String) throws
        { try compareCopies(.perl, "draws.pl", kind) }

        @Test(.needsProgram("/usr/bin/perl")) func perlSeededPrintsTheSame() throws {
            try compareWholeOutput(.perl, "draws.pl")
        }

        @Test(.needsProgram("/usr/bin/perl")) func perlWithoutADevice() throws {
            try drawWithoutDevice(.perl, "draws.pl", "rand")
        }

        @Test(.needsProgram("/usr/bin/perl"), arguments: Kernel.allCases) func perlWhenTheDeviceGoes(
            _ kernel: Kernel
        ) throws { try drawAfterTheDeviceHasGone(.perl, "draws.pl", "rand", kernel) }

        // MARK: - Ruby

        @Test(
            .needsProgram("/usr/bin/ruby"),
            arguments: [
                "rand", "kernel", "random", "bytes", "number", "sample", "shuffle", "shuffle!", "seeded",
                "seeded-array", "seeded-again",
            ]) func ruby(_ kind: String) throws
        { try compareCopies(.ruby, "draws.rb", kind) }

        @Test(.needsProgram("/usr/bin/ruby")) func rubySeededPrintsTheSame() throws {
            try compareWholeOutput(.ruby, "draws.rb")
        }

        @Test(.needsProgram("/usr/bin/ruby")) func rubyWithoutADevice() throws {
            try drawWithoutDevice(.ruby, "draws.rb", "rand")
        }

        @Test(.needsProgram("/usr/bin/ruby"), arguments: Kernel.allCases) func rubyWhenTheDeviceGoes(
            _ kernel: Kernel
        ) throws { try drawAfterTheDeviceHasGone(.ruby, "draws.rb", "rand", kernel) }

        @Test(.needsProgram("/usr/bin/ruby")) func rubyIsAsItWas() throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve()
            let client = try ScriptingClient(.ruby, for: device)
            let program = try client.run("-w", client.program("unchanged.rb"))
            #expect(try program.exitCode() == 0, "\(program.text)")
            #expect(program.lines == ["as it was"])
        }

        // MARK: - PHP

        @Test(
            .needsProgram("/usr/bin/php"), arguments: ["mt_rand", "rand", "shuffle", "array_rand", "str_shuffle"])
        func php(_ kind: String) throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve()
            let client = try ScriptingClient(.php, for: device)
            let script = client.program("draws.php")
            #expect(try draws(client.runWithout(script, kind), device).areSame)
            #expect(try !draws(client.run(script, kind), device).areSame)
        }

        /// What the copy of a script would have drawn next, and what the script draws after a change.
        private func draws(_ script: RunningProgram, _ device: TestDevice) throws -> TestDevice.Copies {
            try waitUntil("two draws", details: { script.text }) { script.lines.count == 2 }
            try device.trigger()
            // sysgenidctl, where it runs, has sent the signal when it acknowledges.
            #expect(try device.control("wait", "--timeout", TestDevice.untilTheCap).exitCode() == 0)
            try script.send("draw")
            #expect(try script.exitCode() == 0, "\(script.text)")
            try #require(script.lines.count == 3, "\(script.text)")
            return TestDevice.Copies(first: script.lines[1], second: script.lines[2])
        }

        @Test(.needsProgram("/usr/bin/php")) func phpWithoutSysgenidctlIsAsItWas() throws {
            let device = try TestDevice()
            defer { device.end() }
            _ = try ScriptingClient(.php, for: device)
            let path = device.folder + "/script.php"
            // The handler is the one difference.
            try """
            <?php
            $names = implode(array_keys(get_defined_vars()));
            mt_srand(42);
            echo mt_rand(), $names, "\\n", is_object(pcntl_signal_get_handler(SIGURG)) ? "handler" : "none";
            """.write(toFile: path, atomically: true, encoding: .utf8)
            let settings = ["-d", "auto_prepend_file=\(device.folder)/client/SysGenID/auto.php"]
            let scripts = try [settings + [path], [path]].map { try device.run("/usr/bin/php", $0) }
            for script in scripts { #expect(try script.exitCode() == 0, "\(script.text)") }
            #expect(scripts[0].lines.first == scripts[1].lines.first)
            #expect(scripts.map(\.lines.last) == ["handler", "none"])
        }

        /// Why nothing is done for servers.
        @Test(.needsProgram("/usr/bin/php"), .needs("curl")) func aRequestOfPHPIsSeededAnew() throws {
            let device = try TestDevice()
            defer { device.end() }
            let script = device.folder + "/index.php"
            try "<?php echo mt_rand(), \"\\n\"; mt_srand(42);".write(
                toFile: script, atomically: true, encoding: .utf8)
            let server = try device.run("/usr/bin/php", ["-S", "127.0.0.1:0", script])
            try server.waitFor("(http://127.0.0.1:")
            let port = try #require(server.text.firstMatch(of: /127\.0\.0\.1:(\d+)/)?.output.1)
            let drawn = try (1...4).map { _ in
                let request = try device.run(
                    "/usr/bin/env", ["curl", "--silent", "--fail", "http://127.0.0.1:\(port)/"])
                #expect(try request.exitCode() == 0, "\(request.text)")
                return request.text
            }
            #expect(Set(drawn).count == 4, "\(drawn)")
        }
    }
}
