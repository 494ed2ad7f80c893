import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// The kernel's random pool at a resume, and what is told of it.
    @Suite struct Reseeds {
        /// Options for a daemon that follows a file, on a machine whose /dev/hwrng is another device; nil is none.
        private func options(_ device: TestDevice, entropy: String?) throws -> [String] {
            let root = device.folder + "/machine"
            try FileManager.default.createDirectory(atPath: root + "/dev", withIntermediateDirectories: true)
            if let entropy { try #require(symlink(entropy, root + "/dev/hwrng") == 0) }
            try device.setIdentity(1)
            return ["--backend", "file", "--backend-file", device.identityFile, "--system-root", root]
        }

        /// Serves so, as a program that a tool starts.
        private func serve(_ device: TestDevice, entropy: String?, by tool: [String] = []) throws -> RunningProgram {
            let daemon = try device.run(
                "/usr/bin/env",
                tool + [Built.path(of: "sysgenidd"), "--device", device.path, "--frontend", "fuse"]
                    + ["--runtime-dir", device.runtimeDirectory] + options(device, entropy: entropy))
            try daemon.waitFor("serving \(device.path)")
            return daemon
        }

        /// Resumes the system, and returns what is published of the reseed; it says whose generation it is.
        private func resume(_ device: TestDevice) throws -> String {
            let next = try #require(device.attribute("generation").flatMap(UInt8.init)) + 1
            try device.setIdentity(next &+ 1)
            try waitUntil("generation \(next)") { device.attribute("generation") == "\(next)" }
            let reseed = try #require(device.attribute("reseed"))
            #expect(reseed.split(separator: " ")[1] == "\(next)")
            return reseed
        }

        /// Resumes the system until what is published ends so. A machine that is busy may be too slow for 4 ms, but not
        /// each time.
        private func resume(_ device: TestDevice, untilPublished end: String) throws -> String {
            var reseed = ""
            for _ in 0..<100 where !reseed.hasSuffix(end) { reseed = try resume(device) }
            try #require(reseed.hasSuffix(end))
            return reseed
        }

        /// What a traced daemon has asked of the kernel's pool.
        private func requests(_ trace: String) throws -> [String] {
            try String(contentsOfFile: trace, encoding: .utf8).split(separator: "\n").compactMap { line in
                if line.contains(/RNDRESEEDCRNG\) += 0$/) { return "reseed" }
                return line.firstMatch(of: /RNDADDENTROPY, \{entropy_count=(\d+), buf_size=(\d+).*\) += 0$/)
                    .map { "add \($0.output.2) bytes, \($0.output.1) bits" }
            }
        }

        /// Bytes as strace shows them with -xx.
        private static func hexadecimal(_ bytes: Data) -> String {
            "\"" + bytes.map { String(format: "\\x%02x", $0) }.joined() + "\""
        }

        @Test(.needs("strace"), arguments: [true, false])
        func theHostsBytesAreCreditedAndThenTheKernelIsReseeded(_ hasDevice: Bool) throws {
            let device = try TestDevice()
            defer { device.end() }
            let trace = device.folder + "/trace"
            let daemon = try serve(
                device, entropy: hasDevice ? "/dev/urandom" : nil,
                by: ["strace", "-f", "-qq", "-xx", "-s", "16", "-o", trace, "-e", "trace=ioctl"])
            #expect(device.attribute("reseed") == "none")
            let missing = " \(device.folder)/machine/dev/hwrng is missing"
            let reseed = try resume(
                device, untilPublished: hasDevice ? " taken identity,host" : " taken identity\(missing)")
            let expected = hasDevice ? "add 176 bytes, 256 bits" : "add 16 bytes, 0 bits"
            #expect(try requests(trace).suffix(2) == [expected, "reseed"])
            let identity = try Data(contentsOf: URL(filePath: device.identityFile))
            #expect(try String(contentsOfFile: trace, encoding: .utf8).contains("buf=\(Self.hexadecimal(identity))"))
            try daemon.waitFor(
                "the system was resumed, noticed by file; the kernel was reseeded from "
                    + (hasDevice ? "the identity and the host's entropy\n" : "the identity alone:\(missing)\n"))
            let sources = hasDevice ? "identity,host" : "identity"
            try waitUntil("the metrics") {
                let sample = "\nsysgenid_reseeds_total{from=\"\(sources)\",taken=\"yes\"} "
                return device.attribute("sysgenid.prom").map { $0.contains(sample) && !$0.contains(sample + "0") }
                    == true
            }
            let status = try device.control("status")
            #expect(try status.exitCode() == 0)
            let told = "\nreseed:      from \(hasDevice ? "identity and host" : "identity") for generation "
            #expect(status.text.contains(told))
            // A trigger brings nothing new.
            let before = try requests(trace).count
            let generation = try #require(device.attribute("generation").flatMap(UInt32.init))
            try device.trigger()
            try waitUntil("the trigger") { device.attribute("generation") == "\(generation + 1)" }
            #expect(device.attribute("reseed") == reseed)
            #expect(try requests(trace).count == before)
        }

        @Test func aDeviceThatHangsHoldsUpNoChangeAndNoEnd() throws {
            let device = try TestDevice()
            defer { device.end() }
            let hung = try SilentDevice()
            let daemon = try serve(device, entropy: hung.path)
            let threads = try ThreadStatus.all(of: daemon).map(\.name)
            for _ in 1...3 {
                #expect(try resume(device).hasSuffix(" taken identity \(device.folder)/machine/dev/hwrng was too slow"))
            }
            #expect(try ThreadStatus.all(of: daemon).map(\.name) == threads)
            daemon.signal(SIGTERM)
            #expect(try daemon.exitCode() == 0)
            #expect(!daemon.text.contains("was not reseeded"))
            #expect(!device.exists)
        }

        @Test(.needs("strace")) func whatTheKernelDoesNotTakeIsToldAndWrittenToItsPool() throws {
            let device = try TestDevice()
            defer { device.end() }
            let trace = device.folder + "/trace"
            let daemon = try serve(
                device, entropy: nil,
                by: ["strace", "-f", "-qq", "-xx", "-s", "16", "-o", trace, "-e", "trace=openat,write"]
                    + ["unshare", "--user", "--map-root-user", "--mount"])
            let reseed = try resume(device)
            #expect(reseed.contains(" failed identity "))
            #expect(reseed.contains("; RNDADDENTROPY /dev/urandom: Operation not permitted; it takes CAP_SYS_ADMIN"))
            let identity = Self.hexadecimal(try Data(contentsOf: URL(filePath: device.identityFile)))
            let calls = try String(contentsOfFile: trace, encoding: .utf8)
            #expect(calls.contains(", \(identity), 16) = 16"))
            try daemon.waitFor("the kernel's random generator was not reseeded for generation 1: RNDADDENTROPY ")
            try waitUntil("the metrics") {
                device.attribute("sysgenid.prom")?.contains("\nsysgenid_last_reseed_failed 1\n") == true
            }
        }

        @Test(arguments: [SIGKILL, SIGUSR1]) func aSuccessorTellsOfTheLastOne(_ signal: Int32) throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try Supervisor(device, options(device, entropy: nil))
            let reseed = try resume(device)
            #expect(reseed.contains(" 1 taken identity "))
            try daemon.replace(by: signal)
            #expect(device.attribute("reseed") == reseed)
            #expect(try resume(device).contains(" 2 taken identity "))
            #expect(try daemon.stop().exitCode == 0)
            #expect(device.attribute("reseed") == nil)
        }

        @Test func checkSaysWhereFreshBytesWouldComeFrom() throws {
            let device = try TestDevice()
            defer { device.end() }
            let root = device.folder + "/machine"
            _ = try options(device, entropy: nil)
            func expectOfCheck(_ expected: String) throws {
                var line: String?
                // On a busy machine the host's bytes may come too late, but not each time.
                for _ in 0..<50 where line != "entropy     \(expected)" {
                    let check = try device.run(
                        "sysgenidd", ["--check", "--device", device.path, "--system-root", root])
                    try #require(try check.exitCode() == 0)
                    line = check.lines.first { $0.hasPrefix("entropy ") }
                }
                #expect(line == "entropy     \(expected)")
            }
            try expectOfCheck("none of the host's, give the machine a virtio-rng device: \(root)/dev/hwrng is missing")
            let names = root + "/sys/class/misc/hw_random"
            try FileManager.default.createDirectory(atPath: names, withIntermediateDirectories: true)
            try Data("virtio_rng.0\n".utf8).write(to: URL(filePath: names + "/rng_current"))
            try #require(symlink("/dev/urandom", root + "/dev/hwrng") == 0)
            try expectOfCheck("the host's, from \(root)/dev/hwrng (virtio_rng.0)")
        }
    }
}
