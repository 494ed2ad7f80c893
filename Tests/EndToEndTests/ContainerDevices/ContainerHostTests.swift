import Foundation
import TestSupport
import Testing

extension EndToEnd.ContainerDevices {
    /// As many containers as there may be, each with several watchers.
    @Suite struct Host {
        /// All of them where each has a page of its own; without, each change is a call for each of them.
        @Test(arguments: [(Kernel.own, 4_096), (Kernel.beforePassthrough, 512)])
        func allContainersOutliveTwentyDaemons(_ kernel: Kernel, _ containers: Int) throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try Supervisor(device, kernel: kernel)
            let host = try device.client(
                "host", ["\(containers)"], at: device.runtimeDirectory + "/devices/containers")
            try host.waitFor("ready\n")
            var generation = 0
            for death in 1...20 {
                // Some die as soon as they were started.
                if death.isMultiple(of: 3) { try daemon.replaceEarly() }
                try daemon.replace()
                #expect(try host.answer("look") == "0 told of \(generation), 0 failures")
                guard death.isMultiple(of: 5) else { continue }
                try device.trigger()
                generation += 1
                #expect(try host.answer("\(generation)") == "\(4 * containers) told of \(generation), 0 failures")
            }
            #expect(try device.mapped() == 4)
        }
    }
}
