import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// The library for programs whose kernel cannot map the device. Here a descriptor for writing takes the place of the
    /// character device, in the way of kernels before 6.9; the laboratory has the character device itself.
    @Suite struct Preload {
        /// Builds the library where the device is, as it is installed.
        private func build(for device: TestDevice) throws {
            let compiler = try device.run(
                "/usr/bin/env", ["make", "-C", Built.project.path, library(of: device)])
            #expect(try compiler.exitCode() == 0, "\(compiler.text)")
        }

        private func library(of device: TestDevice) -> String { device.folder + "/libsysgenid-preload.so" }

        private func environment(_ device: TestDevice, preloaded: Bool = true) -> [String: String] {
            let names = ["SYSGENID_DEVICE": device.path, "SYSGENID_RUNTIME_DIR": device.runtimeDirectory]
            return preloaded ? names.merging(["LD_PRELOAD": library(of: device)]) { $1 } : names
        }

        private func client(_ device: TestDevice, preloaded: Bool = true) throws -> RunningProgram {
            try device.run(
                "TestClient", ["map-writable", device.path], environment: environment(device, preloaded: preloaded))
        }

        @Test func whatTheKernelRefusesIsMappedAndOutlivesTheDaemon() throws {
            let device = try TestDevice()
            defer { device.end() }
            try build(for: device)
            let first = try device.serve(kernel: .beforePassthrough)
            #expect(try client(device, preloaded: false).exitCode() == ENODEV)

            let program = try client(device)
            try program.waitFor("ready\n")
            func look() throws -> String? {
                let count = program.lines.count
                try program.send("look")
                try waitUntil("the look", details: { program.text }) { program.lines.count > count }
                return program.lines.last
            }
            #expect(try look() == "0")
            try device.trigger()
            #expect(try look() == "1")
            first.signal(SIGKILL)
            _ = try first.exitCode()
            #expect(try look() == "1")
            // The same mapping goes on with the next daemon.
            try device.serve(kernel: .beforePassthrough)
            try device.trigger()
            #expect(try look() == "2")
        }

        @Test func theRulesOfTheInterfaceHold() throws {
            let device = try TestDevice()
            defer { device.end() }
            try build(for: device)
            try device.serve(kernel: .beforePassthrough)
            let rules = try device.run("TestClient", ["map-rules", device.path], environment: environment(device))
            #expect(try rules.exitCode() == 0)
            #expect(
                rules.lines == [
                    "shared, to write: EACCES", "two pages: EINVAL", "at an offset: EINVAL", "another file: ENODEV",
                    "private, to write: mapped", "anonymous: mapped",
                ])
        }

        @Test func thePageOfAnotherDeviceIsNotTaken() throws {
            let device = try TestDevice()
            defer { device.end() }
            try build(for: device)
            try device.serve(kernel: .beforePassthrough)
            let other = try TestDevice()
            defer { other.end() }
            try other.serve(kernel: .beforePassthrough)
            let mixed = environment(device).merging(["SYSGENID_RUNTIME_DIR": other.runtimeDirectory]) { $1 }
            let program = try device.run("TestClient", ["map-writable", device.path], environment: mixed)
            #expect(try program.exitCode() == ENODEV)
            try client(device).waitFor("ready\n")
        }

        @Test func withoutThePageTheKernelsRefusalStays() throws {
            let device = try TestDevice()
            defer { device.end() }
            try build(for: device)
            try device.serve(kernel: .beforePassthrough)
            try FileManager.default.removeItem(atPath: device.runtimeDirectory + "/page")
            #expect(try client(device).exitCode() == ENODEV)
            // A shorter file, whose mapping would end the program.
            try Data("short".utf8).write(to: URL(filePath: device.runtimeDirectory + "/page"))
            #expect(try client(device).exitCode() == ENODEV)
        }

        @Test func aPageThatIsNotRootsIsNotTaken() throws {
            let device = try TestDevice()
            defer { device.end() }
            try build(for: device)
            try device.serve(kernel: .beforePassthrough)
            let page = device.runtimeDirectory + "/page"
            try #require(chown(page, 65_534, 65_534) == 0)
            #expect(try client(device).exitCode() == ENODEV)
            try #require(chown(page, 0, 65_534) == 0)
            try client(device).waitFor("ready\n")
        }
    }
}
