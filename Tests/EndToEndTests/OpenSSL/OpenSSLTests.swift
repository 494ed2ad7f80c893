import Foundation
import SysGenIDSystem
import TestSupport
import Testing

extension EndToEnd {
    /// Unchanged programs that use OpenSSL, with the provider. Two copies of a process that is process 1 of a pid
    /// namespace take the place of two clones of a machine: OpenSSL compares process ids, and sees no fork.
    @Suite(.needs("openssl")) struct OpenSSL {
        private static let ours = ["sysgenid", "sysgenid", "sysgenid"]
        private static let theirs = ["default", "default", "default"]

        @Test func whatItDoesInTheMiddleOfARequest() throws {
            try harness("Tests/OpenSSL/harness.c", tests: 21)
        }

        @Test func whatItDoesInTheMiddleOfALongRequest() throws {
            try harness("Tests/OpenSSL/long.c", tests: 16)
        }

        private func harness(_ source: String, tests: Int) throws {
            let device = try TestDevice()
            defer { device.end() }
            let harness = device.folder + "/harness"
            try device.compileC(source, to: harness, ["-fsanitize=address,undefined"], libraries: ["-lcrypto"])
            let program = try device.run(harness, [])
            #expect(try program.exitCode() == 0, "\(program.text)")
            #expect(program.lines.count == tests, "\(program.text)")
        }

        @Test(arguments: Kernel.allCases) func allGeneratorsAreIts(_ kernel: Kernel) throws {
            let device = try TestDevice()
            defer { device.end() }
            let provider = try Provider(for: device)
            // Without the device, too.
            #expect(try provider.generators() == Self.ours)
            try device.serve(kernel: kernel)
            #expect(try provider.generators() == Self.ours)
            #expect(try device.generators(environment: [:]) == Self.theirs)
        }

        @Test func withoutTheLibraryOpenSSLGoesOnWithItsOwn() throws {
            let device = try TestDevice()
            defer { device.end() }
            let provider = try Provider(for: device)
            try FileManager.default.removeItem(atPath: device.folder + "/sysgenid.so")
            #expect(try provider.generators() == Self.theirs)
            let program = try provider.run("openssl", "rand", "-hex", "16")
            #expect(try program.exitCode() == 0)
            #expect(program.text.count == 33)
        }

        @Test func aProgramThatAsksForFIPSGetsNothingOfIt() throws {
            let device = try TestDevice()
            defer { device.end() }
            let provider = try Provider(for: device)
            let query = try provider.run("openssl", "list", "-random-generators", "-propquery", "fips=yes")
            #expect(try query.exitCode() == 0)
            #expect(!query.text.contains("sysgenid"))
        }

        @Test(
            arguments: [
                ["openssl", "rand", "-hex", "100000"], ["openssl", "speed", "-seconds", "1", "-bytes", "16", "rand"],
                ["openssl", "genpkey", "-algorithm", "RSA"], ["openssl", "genpkey", "-algorithm", "ED25519"],
            ])
        func openSSLsOwnProgramWorks(_ words: [String]) throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve()
            let program = try device.run(
                "/usr/bin/env", words, environment: Provider(for: device).environment)
            #expect(try program.exitCode() == 0, "\(program.text)")
        }

        @Test(.needs("python3")) func pythonDrawsOfIt() throws {
            try draws(
                "python3", "-c",
                "import ssl; print(ssl.RAND_bytes(16).hex(), open('/proc/self/maps').read().count('/page'))")
        }

        @Test(.needs("node")) func nodeDrawsOfIt() throws {
            try draws(
                "node", "-p",
                "require('crypto').randomBytes(16).toString('hex') + ' '"
                    + " + (require('fs').readFileSync('/proc/self/maps', 'utf8').match(/[/]page/g) || []).length")
        }

        /// The program prints what it has drawn, and how many pages of a generation it has mapped.
        private func draws(_ words: String...) throws {
            let device = try TestDevice()
            defer { device.end() }
            let provider = try Provider(for: device)
            try device.serve()
            let program = try device.run("/usr/bin/env", words, environment: provider.environment)
            #expect(try program.exitCode() == 0, "\(program.text)")
            #expect(program.text.wholeMatch(of: /[0-9a-f]{32} 1\n/) != nil, "\(program.text)")
        }

        @Test(.needs("curl")) func aServerAndAClientTalk() throws {
            let device = try TestDevice()
            defer { device.end() }
            let provider = try Provider(for: device)
            try device.serve()
            let (key, certificate) = try provider.makeCertificate()
            let server = try provider.run(
                "openssl", "s_server", "-accept", "127.0.0.1:0", "-key", key, "-cert", certificate, "-www")
            try server.waitFor("ACCEPT 127.0.0.1:")
            let port = try #require(server.text.firstMatch(of: /ACCEPT 127.0.0.1:(\d+)/)?.output.1)
            for _ in 1...3 {
                let client = try provider.run(
                    "curl", "--silent", "--show-error", "--insecure", "https://127.0.0.1:\(port)/")
                #expect(try client.exitCode() == 0, "\(client.text)")
                #expect(client.text.contains("s_server"))
                try device.trigger()
            }
        }

        private static let nginx = Built.project.appending(path: ".build/nginx/nginx").path

        @Test(.needs("curl"), .needsProgram(nginx)) func theWorkersOfNginxSeeThePage() throws {
            let device = try TestDevice()
            defer { device.end() }
            let provider = try Provider(for: device)
            try device.serve()
            let (key, certificate) = try provider.makeCertificate()
            let (socket, configuration) = (device.folder + "/socket", device.folder + "/nginx.conf")
            // Its workers may reach the socket.
            try #require(chmod(device.folder, 0o755) == 0)
            let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
                .map { "\($0)_temp_path \(device.folder)/\($0);" }.joined(separator: " ")
            try """
            daemon off; worker_processes 2; pid \(device.folder)/pid; error_log stderr notice; user nobody nogroup;
            events {}
            http {
                access_log off; \(temporary)
                server {
                    listen unix:\(socket) ssl; ssl_certificate \(certificate); ssl_certificate_key \(key);
                    return 200 hello;
                }
            }
            """.write(toFile: configuration, atomically: true, encoding: .utf8)
            let server = try provider.run(Self.nginx, "-p", device.folder, "-e", "stderr", "-c", configuration)
            try waitUntil("both workers", details: { server.text }) {
                server.text.matches(of: /start worker process \d+/).count == 2
            }
            let workers = server.text.matches(of: /start worker process (\d+)/).map { String($0.output.1) }
            for _ in 1...3 {
                let client = try provider.run(
                    "curl", "--silent", "--show-error", "--insecure", "--unix-socket", socket, "https://localhost/")
                #expect(try client.exitCode() == 0, "\(client.text)")
                #expect(client.text == "hello")
                try device.trigger()
            }
            for worker in workers {
                let maps = try String(decoding: Files.read("/proc/\(worker)/maps", limit: 1 << 20), as: UTF8.self)
                #expect(maps.contains(device.runtimeDirectory + "/page"))
            }
            server.signal(SIGTERM)
            #expect(try server.exitCode() == 0)
        }

        @Test(arguments: TestDevice.Requests.allCases) func twoCopiesDrawTheSameWithoutItAndOthersWithIt(
            _ requests: TestDevice.Requests
        ) throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve()
            #expect(try device.copies(environment: [:], requests: requests, after: device.trigger).areSame)
            // A buffer is empty in a copy, be there a change or not.
            let environment = try Provider(for: device).environment
            #expect(try !device.copies(environment: environment, requests: requests).areSame)
            #expect(try !device.copies(environment: environment, requests: requests, after: device.trigger).areSame)
        }

        @Test(.needs("python3")) func twoCopiesOfPythonDrawTheSameWithoutItAndOthersWithIt() throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve()
            let provider = try Provider(for: device)
            let program = device.folder + "/copies.py"
            // clone(2) with CLONE_NEWPID and SIGCHLD.
            try """
            import ctypes, os, platform, ssl
            number = {"x86_64": 56, "aarch64": 220}[platform.machine()]
            libc = ctypes.CDLL(None)
            copy = lambda: libc.syscall(number, 0x20000000 | 17, 0, 0, 0, 0)
            def draw(): os.write(1, f"{os.getpid()} {ssl.RAND_bytes(16).hex()}\\n".encode())
            if (first := copy()) == 0:
                draw()
                for _ in range(2):
                    if (other := copy()) == 0:
                        draw()
                        os._exit(0)
                    os.waitpid(other, 0)
                os._exit(0)
            os.waitpid(first, 0)
            """.write(toFile: program, atomically: true, encoding: .utf8)
            for (environment, areSame) in [([:], true), (provider.environment, false)] {
                let python = try device.run("/usr/bin/env", ["python3", program], environment: environment)
                #expect(try python.exitCode() == 0, "\(python.text)")
                #expect(try TestDevice.copies(in: python).areSame == areSame)
            }
        }

        @Test(arguments: Kernel.allCases, TestDevice.Requests.allCases) func aChangeAloneKeepsTwoCopiesApart(
            _ kernel: Kernel, _ requests: TestDevice.Requests
        ) throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve(kernel: kernel)
            let environment = try Provider(for: device, buffers: .copied).environment
            #expect(try device.copies(environment: environment, requests: requests).areSame)
            #expect(try !device.copies(environment: environment, requests: requests, after: device.trigger).areSame)
        }

        /// What copies draw alike is of a key that was kept; what the kernel gives is never the same.
        @Test(arguments: [true, false]) func aProgramThatHasOpenSSLInItExpandsByItsOwn(_ exports: Bool) throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve()
            let environment = try Provider(for: device, buffers: .copied).environment
            let client = try device.compileWholeClient(exports ? ["-rdynamic"] : [])
            func copies(_ requests: String, after event: () throws -> Void = {}) throws -> TestDevice.Copies {
                try device.copies(of: device.run(client, ["copies", requests], environment: environment), after: event)
            }
            #expect(try copies("short").areSame)
            #expect(try copies("long").areSame == exports)
            for requests in ["short", "long"] { #expect(try !copies(requests, after: device.trigger).areSame) }
        }

        @Test(arguments: Kernel.allCases) func changesOfTheNextDaemonAreSeen(_ kernel: Kernel) throws {
            let device = try TestDevice()
            defer { device.end() }
            let first = try device.serve(kernel: kernel)
            let environment = try Provider(for: device, buffers: .copied).environment
            let copies = try device.copies(environment: environment) {
                first.signal(SIGKILL)
                _ = try first.exitCode()
                try device.serve(kernel: kernel)
                try device.trigger()
            }
            #expect(!copies.areSame)
        }

        /// A container has the device and not what is published. Before 6.9 its mapping would end with the daemon: so
        /// nothing is kept, and copies that would share it draw others.
        @Test(arguments: Kernel.allCases) func theDeviceAloneIsEnoughWhereItsPageOutlivesTheDaemon(
            _ kernel: Kernel
        ) throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve(kernel: kernel)
            let provider = try Provider(for: device, buffers: .copied)
            let text = try String(contentsOfFile: provider.configuration, encoding: .utf8)
            try text.replacing("runtime_dir = ", with: "runtime_dir = /nowhere").write(
                toFile: provider.configuration, atomically: true, encoding: .utf8)
            let copies = try device.copies(environment: provider.environment)
            #expect(copies.areSame == (kernel == .own))
            #expect(try !device.copies(environment: provider.environment, after: device.trigger).areSame)
        }

        @Test func nothingIsKeptWithoutTheDevice() throws {
            let device = try TestDevice()
            defer { device.end() }
            let environment = try Provider(for: device, buffers: .copied).environment
            #expect(try !device.copies(environment: environment, requests: .long).areSame)
            // Also where it comes later: a program looks for it when it starts.
            #expect(try !device.copies(environment: environment) { try device.serve() }.areSame)
            #expect(try device.copies(environment: environment).areSame)
        }

        @Test func aChildDrawsOthersAndSoDoesWhoHasAnotherRoot() throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve()
            let provider = try Provider(for: device)
            let client = try device.compileClient()
            let root = device.folder + "/root"
            try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
            let tasks = [(["child"], 3), (["child", "long"], 3), (["root", root], 2), (["root", root, "long"], 2)]
            for (arguments, count) in tasks {
                let program = try device.run(client, arguments, environment: provider.environment)
                #expect(try program.exitCode() == 0, "\(program.text)")
                let draws = program.lines.compactMap { $0.split(separator: " ").last }
                #expect(draws.count == count && Set(draws).count == count, "\(program.text)")
            }
        }

        /// The address sanitizer says as well what is left at the end.
        @Test(arguments: ["thread", "address"], TestDevice.Requests.allCases)
        func manyThreadsDrawUnderASanitizerWhileTheGenerationChanges(
            _ sanitizer: String, _ requests: TestDevice.Requests
        ) throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve()
            let provider = try Provider(for: device, flags: ["-fsanitize=\(sanitizer)"])
            let client = try device.compileClient(["-fsanitize=\(sanitizer)"])
            let program = try device.run(
                client, ["threads", requests.rawValue],
                environment: provider.environment.merging(["TSAN_OPTIONS": "exitcode=66"]) { $1 })
            while program.isRunning { try device.trigger() }
            #expect(try program.exitCode() == 0, "\(program.text)")
            #expect(program.lines == ["256000 drawn, 0 twice"])
        }

        // MARK: - sysgenidctl openssl

        /// The system's own configuration in a folder of the test.
        private func copyOfConfiguration(_ device: TestDevice) throws -> String {
            let path = device.folder + "/openssl.cnf"
            try FileManager.default.copyItem(atPath: "/etc/ssl/openssl.cnf", toPath: path)
            return path
        }

        @Test func itIsEnabledAndDisabled() throws {
            let device = try TestDevice()
            defer { device.end() }
            let (provider, path) = (try Provider(for: device), try copyOfConfiguration(device))
            // As Debian has it in OpenSSL's own folder.
            let link = device.folder + "/link.cnf"
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
            let before = try String(contentsOfFile: path, encoding: .utf8)
            func control(_ action: String, _ more: String...) throws -> RunningProgram {
                let options = ["--config", link, "--provider", provider.configuration]
                let program = try device.run(
                    "sysgenidctl", ["--device", device.path, "openssl", action] + options + more)
                #expect(try program.exitCode() == 0, "\(program.text)")
                return program
            }
            let names = ["OPENSSL_CONF": path]
            #expect(try device.generators(environment: names) == Self.theirs)
            #expect(try control("enable", "--print").text.contains("random = sysgenid_random"))
            #expect(try String(contentsOfFile: path, encoding: .utf8) == before)
            for _ in 1...2 {
                #expect(try control("enable").text == "")
                #expect(try device.generators(environment: names) == Self.ours)
            }
            // What it names may go away, and every program still starts.
            let library = device.folder + "/sysgenid.so"
            try FileManager.default.moveItem(atPath: library, toPath: library + ".away")
            #expect(try device.generators(environment: names) == Self.theirs)
            try FileManager.default.moveItem(atPath: library + ".away", toPath: library)
            #expect(try control("status").text.contains("state:          enabled"))
            #expect(try control("status", "--json").text.contains(#""enabled":true,"obstacle":null"#))
            // All else that the file says holds still.
            let request = try device.run(
                "/usr/bin/env",
                ["openssl", "req", "-new", "-newkey", "ed25519", "-nodes", "-subj", "/CN=x", "-keyout", "/dev/null"],
                environment: names)
            #expect(try request.exitCode() == 0, "\(request.text)")
            #expect(try control("disable").text == "")
            #expect(try String(contentsOfFile: path, encoding: .utf8) == before)
            #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == path)
            #expect(try device.generators(environment: names) == Self.theirs)
        }

        @Test func whoMayNotWriteIsToldWhatToAdd() throws {
            let device = try TestDevice()
            defer { device.end() }
            let (provider, path) = (try Provider(for: device), try copyOfConfiguration(device))
            let before = try String(contentsOfFile: path, encoding: .utf8)
            try #require(chmod(device.folder, 0o755) == 0)
            let words = ["--reuid=65534", "--regid=65534", "--clear-groups", Built.path(of: "sysgenidctl")]
            let program = try device.run(
                "/usr/bin/setpriv",
                words + ["openssl", "enable", "--config", path, "--provider", provider.configuration])
            #expect(try program.exitCode() == 4)
            #expect(program.text.contains("# To be added at the end of \(path):\n# sysgenid: begin"))
            #expect(program.text.contains("run it as root"))
            #expect(try String(contentsOfFile: path, encoding: .utf8) == before)
        }

        @Test func somebodysGeneratorIsLeftAlone() throws {
            let device = try TestDevice()
            defer { device.end() }
            let (provider, path) = (try Provider(for: device), device.folder + "/openssl.cnf")
            let text = "openssl_conf = a\n[a]\nrandom = b\n[b]\nrandom = HASH-DRBG\n"
            try text.write(toFile: path, atomically: true, encoding: .utf8)
            let program = try device.run(
                "sysgenidctl", ["openssl", "enable", "--config", path, "--provider", provider.configuration])
            #expect(try program.exitCode() == 1)
            #expect(program.text.contains("its section b chooses a random generator already"))
            #expect(try String(contentsOfFile: path, encoding: .utf8) == text)
        }
    }
}
