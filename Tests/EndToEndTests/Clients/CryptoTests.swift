import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// Unchanged programs that use GnuTLS or libgcrypt, with the library of `Clients/crypto`.
    @Suite struct CryptoClient {
        /// When the program has the library that it draws of.
        enum Loading: CaseIterable {
            /// Opened, and seen by nobody else, as plugins are.
            case opened
            /// Linked, and so there from the start.
            case linked
        }

        private struct Client {
            let device: TestDevice
            let program: String

            init(for device: TestDevice, _ loading: Loading = .opened) throws {
                self.device = device
                program = device.folder + "/client"
                let libraries = ["-Wl,--no-as-needed", "-l:libgnutls.so.30", "-l:libgcrypt.so.20"]
                try device.compileC(
                    "Clients/crypto/client.c", to: program,
                    ["-rdynamic", "-pthread"] + (loading == .linked ? ["-DLINKED"] : []),
                    libraries: loading == .linked ? libraries : [])
                try device.succeed("make", "-C", CryptoClient.sources, "BUILD=\(device.folder)")
            }

            var library: String { device.folder + "/libsysgenid-crypto.so" }

            var environment: [String: String] {
                [
                    "LD_PRELOAD": library, "SYSGENID_DEVICE": device.path,
                    "SYSGENID_RUNTIME_DIR": device.runtimeDirectory,
                ]
            }

            func run(_ words: String..., isPreloaded: Bool = true) throws -> RunningProgram {
                try device.run(program, words, environment: isPreloaded ? environment : [:])
            }

            /// What two copies draw, of a process or of a thread.
            func copies(
                _ kind: Kind, isPreloaded: Bool = true, of what: String = "copies", after event: () throws -> Void = {}
            ) throws -> TestDevice.Copies {
                try device.copies(of: run(kind.library, kind.name, what, isPreloaded: isPreloaded), after: event)
            }
        }

        struct Kind: CustomTestStringConvertible {
            let library: String
            let name: String

            var testDescription: String { "\(library) \(name)" }

            static let gnuTLS = ["nonce", "random", "key", "pair"].map { Kind(library: "gnutls", name: $0) }
            /// For keys, libgcrypt has new bytes of the kernel each time in any case.
            static let libgcrypt = ["nonce", "random"].map { Kind(library: "gcrypt", name: $0) }
        }

        private static let sources = Built.project.appending(path: "Clients/crypto").path

        @Test(arguments: Kind.gnuTLS + Kind.libgcrypt, Loading.allCases)
        func twoCopiesDrawTheSameWithoutItAndOthersWithIt(_ kind: Kind, _ loading: Loading) throws {
            let device = try TestDevice()
            defer { device.end() }
            let client = try Client(for: device, loading)
            // Without a device each draw could be the first one after a change.
            #expect(try !client.copies(kind).areSame)
            try device.serve()
            // A generator for each thread is what GnuTLS has alone.
            for what in kind.library == "gnutls" ? ["copies", "thread"] : ["copies"] {
                #expect(try client.copies(kind, isPreloaded: false, of: what, after: device.trigger).areSame)
                #expect(try !client.copies(kind, of: what, after: device.trigger).areSame)
            }
        }

        @Test(arguments: Kind.gnuTLS + Kind.libgcrypt.prefix(1))
        func withTheDeviceItIsTheChangeThatKeepsCopiesApart(_ kind: Kind) throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve()
            #expect(try Client(for: device).copies(kind).areSame)
        }

        @Test(arguments: Kind.libgcrypt) func theKernelsBytesAloneKeepCopiesOfLibgcryptApart(_ kind: Kind) throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve()
            let client = try Client(for: device)
            try device.compileC(
                "Clients/crypto/counted.c", to: client.library,
                ["-shared", "-fPIC", "-fvisibility=hidden", "-I\(Self.sources)/../../Sources/SysGenIDOpenSSL"])
            #expect(try !client.copies(kind, after: device.trigger).areSame)
        }

        @Test(arguments: Kind.gnuTLS.prefix(1) + Kind.libgcrypt, Kernel.allCases)
        func changesOfTheNextDaemonAreSeen(_ kind: Kind, _ kernel: Kernel) throws {
            let device = try TestDevice()
            defer { device.end() }
            let first = try device.serve(kernel: kernel)
            let copies = try Client(for: device).copies(kind) {
                first.signal(SIGKILL)
                _ = try first.exitCode()
                try device.serve(kernel: kernel)
                try device.trigger()
            }
            #expect(!copies.areSame)
        }

        @Test func eachThreadIsSeededAnewOnceForAChange() throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve()
            let program = try Client(for: device).run("gnutls", "random", "seeds")
            try program.waitFor("\n")
            #expect(try program.answer("again") == "0 0")
            for _ in 1...2 {
                try device.trigger()
                #expect(try program.answer("again") == "1 1")
                #expect(try program.answer("again") == "0 0")
            }
        }

        @Test(arguments: Kernel.allCases) func programsGoOnWithoutTheDaemonAndWithTheNextOne(_ kernel: Kernel) throws {
            let device = try TestDevice()
            defer { device.end() }
            let first = try device.serve(kernel: kernel)
            let program = try Client(for: device).run("gnutls", "random", "seeds")
            try program.waitFor("\n")
            first.signal(SIGTERM)
            #expect(try first.exitCode() == 0)
            #expect(!device.exists)
            #expect(try program.answer("again") == "0 0")
            try device.serve(kernel: kernel)
            #expect(try program.answer("again") == "0 0")
            try device.trigger()
            #expect(try program.answer("again") == "1 1")
        }

        @Test(arguments: Kind.gnuTLS + Kind.libgcrypt) func aChildDrawsOthers(_ kind: Kind) throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve()
            let program = try Client(for: device).run(kind.library, kind.name, "child")
            #expect(try program.exitCode() == 0, "\(program.text)")
            let draws = program.lines.compactMap { $0.split(separator: " ").last }
            #expect(draws.count == 3 && Set(draws).count == 3, "\(program.text)")
        }

        @Test(arguments: Kind.gnuTLS + Kind.libgcrypt)
        func manyThreadsDrawWhileTheGenerationChanges(_ kind: Kind) throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve()
            let program = try Client(for: device).run(kind.library, kind.name, "threads")
            while program.isRunning { try device.trigger() }
            #expect(try program.exitCode() == 0, "\(program.text)")
            #expect(program.lines == ["8000 drawn, 0 twice"])
        }

        /// Debian's wget has GnuTLS, which looks at the clock for certificates, too.
        @Test(.needs("wget"), .needs("openssl")) func wgetTalksToAServer() throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve()
            let (client, provider) = (try Client(for: device), try Provider(for: device))
            let (key, certificate) = try provider.makeCertificate()
            let server = try provider.run(
                "openssl", "s_server", "-accept", "127.0.0.1:0", "-key", key, "-cert", certificate, "-www")
            try server.waitFor("ACCEPT 127.0.0.1:")
            let port = try #require(server.text.firstMatch(of: /ACCEPT 127.0.0.1:(\d+)/)?.output.1)
            let options = ["--quiet", "--no-proxy", "--no-hsts", "--ca-certificate=\(certificate)"]
            for _ in 1...3 {
                let wget = try device.run(
                    "/usr/bin/env", ["wget"] + options + ["--output-document=-", "https://localhost:\(port)/"],
                    environment: client.environment)
                #expect(try wget.exitCode() == 0, "\(wget.text)")
                #expect(wget.text.contains("s_server"))
                try device.trigger()
            }
        }

        /// As docs/clients.md has it: what NSS has drawn in advance cannot be taken from it.
        @Test func nssIsNotHelped() throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve()
            let kind = Kind(library: "nss", name: "random")
            #expect(try Client(for: device).copies(kind, after: device.trigger).areSame)
        }

        @Test(.needs("python3")) func allOthersAreAnsweredByTheKernel() throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve()
            let script = """
                import ctypes, os, resource, time
                libc = ctypes.CDLL(None)
                class Usage(ctypes.Structure): _fields_ = [("words", ctypes.c_long * 18)]
                usage = Usage()
                print(os.getpid() == libc.getpid() == int(os.readlink("/proc/self")))
                print(abs(libc.time(None) - int(time.clock_gettime(time.CLOCK_REALTIME))) <= 1)
                print(libc.getrusage(0, ctypes.byref(usage)), [usage.words[i] for i in (5, 6, 7, 10)])
                print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > 0, libc.getrusage(7, ctypes.byref(usage)))
                print(len(os.listdir("/proc/self/task")), open("/proc/self/maps").read().count("\(device.runtimeDirectory)"))
                """
            let program = try device.run(
                "/usr/bin/env", ["python3", "-c", script], environment: Client(for: device).environment)
            #expect(try program.exitCode() == 0, "\(program.text)")
            #expect(program.lines == ["True", "True", "0 [0, 0, 0, 0]", "True -1", "1 0"])
        }
    }
}
