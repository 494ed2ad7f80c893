import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// Resumes as the sources of a replayed machine show them.
    @Suite struct Backends {
        /// A folder that takes the place of the machine's root.
        private struct Machine {
            let root: String

            init(of device: TestDevice) throws {
                root = device.folder + "/machine"
                try FileManager.default.createDirectory(atPath: root + "/dev", withIntermediateDirectories: true)
            }

            func write(_ path: String, _ contents: [UInt8]) throws {
                let url = URL(filePath: "\(root)/\(path)")
                try FileManager.default.createDirectory(
                    at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data(contents).write(to: url)
            }

            /// Gives it a device tree in which the identity lies at the address, and a memory that ends behind it.
            func writeTree(_ address: UInt16) throws {
                let tree = "sys/firmware/devicetree/base"
                try write("\(tree)/#address-cells", [0, 0, 0, 1])
                try write("\(tree)/#size-cells", [0, 0, 0, 1])
                try write("\(tree)/vmgenid/compatible", Array("microsoft,vmgenid\0".utf8))
                let bytes = [UInt8(address >> 8), UInt8(address & 0xff)]
                try write("\(tree)/vmgenid/reg", [0, 0] + bytes + [0, 0, 0, 16])
                try write("dev/mem", [UInt8](repeating: 1, count: Int(address) + 16))
            }

            func setIdentity(_ byte: UInt8, at address: UInt16) throws {
                let memory = try FileHandle(forWritingTo: URL(filePath: "\(root)/dev/mem"))
                try memory.seek(toOffset: UInt64(address))
                try memory.write(contentsOf: Data(repeating: byte, count: 16))
                try memory.close()
            }
        }

        @Test func aLineOfTheKernelsLogIsAResumeAtOnce() throws {
            let device = try TestDevice()
            defer { device.end() }
            let machine = try Machine(of: device)
            try machine.write("sys/bus/platform/drivers/vmgenid/VMGENCTR:00", [])
            let log = try PlayedKernelLog("\(machine.root)/dev/kmsg")
            log.log("6,1,77,-;Linux version 6.12\n")
            // The next look that nothing gives reason to comes when this test is long over.
            let daemon = try device.serve(
                "--backend", "auto", "--system-root", machine.root, "--poll-interval", "60000")
            #expect(device.attribute("backend") == "kernel-log")
            for number in 1...3 {
                let reader = try device.client("read")
                log.log("6,\(10 * number),78,-;random: crng reseeded due to virtual machine fork\n")
                log.log("6,\(10 * number + 1),79,-;something else\n")
                #expect(try reader.exitCode() == 0)
                #expect(reader.lines == ["ready", "\(number)"])
            }
            daemon.signal(SIGTERM)
            #expect(try daemon.exitCode() == 0)
        }

        @Test func anIdentityInMemoryIsLookedAtAgainAndAgain() throws {
            let device = try TestDevice()
            defer { device.end() }
            let machine = try Machine(of: device)
            let address: UInt16 = 0x2_004
            try machine.writeTree(address)
            try device.serve("--backend", "devicetree", "--system-root", machine.root)
            for number: UInt8 in 1...3 {
                let reader = try device.client("read")
                try machine.setIdentity(number + 1, at: address)
                #expect(try reader.exitCode() == 0)
                #expect(reader.lines == ["ready", "\(number)"])
            }
        }
    }
}
