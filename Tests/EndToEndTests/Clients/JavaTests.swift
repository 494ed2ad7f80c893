import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// Unchanged programs in Java, with the provider of `Clients/java`.
    @Suite(.needs("javac")) struct JavaClient {
        /// The jar as it is installed, and the programs that draw. Built once for all tests, in a folder of its own.
        private static let built = Result { () throws -> String in
            let sources = Built.project.appending(path: "Clients/java").path
            let folder = Built.project.appending(path: ".build/clients/java").path
            let install = ["make", "-C", sources, "install", "BUILD=\(folder)/made", "JAVADIR=\(folder)"]
            for words in [install, ["javac", "-d", folder, sources + "/Checks.java", sources + "/Copies.java"]] {
                let program = try RunningProgram("/usr/bin/env", words)
                guard try program.exitCode() == 0 else { throw NotCompiled(text: program.text) }
            }
            return folder
        }

        private struct Client {
            let device: TestDevice
            let folder: String

            init(for device: TestDevice) throws {
                self.device = device
                folder = device.folder + "/java"
                try FileManager.default.copyItem(atPath: JavaClient.built.get(), toPath: folder)
            }

            /// What makes it the default.
            var enabled: [String] {
                ["-Xbootclasspath/a:\(folder)/sysgenid.jar", "-Djava.security.properties=\(folder)/sysgenid.security"]
            }

            func run(
                _ options: [String], _ words: String..., environment: [String: String] = [:]
            ) throws -> RunningProgram {
                try device.run("/usr/bin/env", ["java"] + options + ["-cp", folder] + words, environment: environment)
            }

            /// A copy has one thread: nothing is compiled or collected by others.
            func copies(
                of kind: String, _ options: [String], after event: () throws -> Void = {}
            ) throws -> TestDevice.Copies {
                let alone = ["-Xint", "-XX:+UseSerialGC"]
                let program = try run(alone + options, "Copies", device.compileCopy(), kind)
                return try device.copies(of: program, after: event)
            }

            /// What a program is told, by what it asks for.
            func checks(_ options: [String], environment: [String: String] = [:]) throws -> [String: String] {
                let program = try run(options, "Checks", environment: environment)
                #expect(try program.exitCode() == 0, "\(program.text)")
                let answers = program.lines.compactMap { $0.firstMatch(of: /^([^:]*): (.*)$/)?.output }
                return Dictionary(answers.map { (String($0.1), String($0.2)) }) { $1 }
            }
        }

        /// A setting of many container images, with which Java's default is a generator that is seeded once.
        private static let seededOnce = "-Djava.security.egd=file:/dev/./urandom"

        /// With the device or without it: nothing is kept that would have to be compared.
        @Test(arguments: ["default", "named", "uuid", "key"])
        func twoCopiesDrawTheSameWithoutItAndOthersWithIt(_ kind: String) throws {
            let device = try TestDevice()
            defer { device.end() }
            let client = try Client(for: device)
            let enabled = client.enabled + [Self.seededOnce]
            #expect(try !client.copies(of: kind, enabled).areSame)
            try device.serve()
            #expect(try client.copies(of: kind, [Self.seededOnce], after: device.trigger).areSame)
            #expect(try !client.copies(of: kind, enabled, after: device.trigger).areSame)
        }

        /// As docs/clients.md has it: programs that draw of these are to be started again.
        @Test(arguments: ["Random", "ThreadLocalRandom"])
        func generatorsThatAreNoProvidersAreNotHelped(_ kind: String) throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve()
            let client = try Client(for: device)
            #expect(try client.copies(of: kind, client.enabled, after: device.trigger).areSame)
        }

        @Test func whatElseAProgramAsksForIsAsBefore() throws {
            let device = try TestDevice()
            defer { device.end() }
            let client = try Client(for: device)
            let (before, after) = (try client.checks([]), try client.checks(client.enabled))
            var expected = before
            expected["default"] = "SysGenID of SysGenID"
            expected["strong"] = "SysGenID of SysGenID"
            expected["DRBG"] = "DRBG of SysGenID"
            expected["providers"] = before["providers"].map { "SysGenID " + $0 }
            #expect(after == expected)
            #expect(before["default"] == "NativePRNG of SUN" && before.count == 11)
            #expect(after["threads"] == "32000" && after["large"] == "true" && after["seeded"] == "true")
        }

        @Test func oneVariableIsForAllOfJava() throws {
            let device = try TestDevice()
            defer { device.end() }
            let client = try Client(for: device)
            let names = ["JAVA_TOOL_OPTIONS": client.enabled.joined(separator: " ")]
            #expect(try client.checks([], environment: names)["default"] == "SysGenID of SysGenID")
        }

        @Test func withoutTheJarOrTheKernelsBytesJavaGoesOnWithItsOwn() throws {
            let device = try TestDevice()
            defer { device.end() }
            let client = try Client(for: device)
            // A view of the files of its own, in which Java has only what it seeds its own with.
            let devices = device.folder + "/devices"
            let view = "mkdir \(devices) && cp -a /dev/random /dev/null \(devices) && mount --bind \(devices) /dev"
            let hidden = try device.run(
                "/usr/bin/unshare",
                ["--mount", "sh", "-c", "\(view) && exec \"$@\"", "sh", "java"] + client.enabled
                    + ["-cp", client.folder, "Checks"])
            #expect(try hidden.exitCode() == 0, "\(hidden.text)")
            #expect(hidden.text.contains("default: DRBG of SUN"), "\(hidden.text)")
            try FileManager.default.removeItem(atPath: client.folder + "/sysgenid.jar")
            #expect(try client.checks(client.enabled)["default"] == "NativePRNG of SUN")
        }

        @Test func theJarIsTheSameWheneverItIsMade() throws {
            let device = try TestDevice()
            defer { device.end() }
            let installed = try Client(for: device).folder + "/sysgenid.jar"
            let (sources, again) = (Built.project.appending(path: "Clients/java").path, device.folder + "/again")
            try device.succeed("make", "-C", sources, "BUILD=\(again)")
            #expect(FileManager.default.contentsEqual(atPath: again + "/sysgenid.jar", andPath: installed))
        }
    }
}
