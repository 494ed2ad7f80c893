import Foundation
import TestSupport
import Testing

extension EndToEnd.ContainerDevices {
    /// Each device below the directory is one as the system's is.
    @Suite struct Conformance {
        @Test(arguments: Kernel.allCases, ["containers/a/sysgenid", "sysgenid"])
        func everyRowOfTheInterfaceHolds(_ kernel: Kernel, _ file: String) throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try device.serve(kernel: kernel)
            _ = try DeviceTree(device).make("a")
            let expectation = kernel == .own ? "full" : "page-cache"
            try device.conform(
                "--device", "\(device.devicesDirectory)/\(file)", "--expect", expectation, "--opens", "10000", "--wrap")
            daemon.signal(SIGTERM)
            #expect(try daemon.exitCode() == 0)
            #expect(device.mountPoints == [])
        }

        @Test(arguments: Kernel.allCases)
        func terminationReleasesBlockedClientsOfEachDevice(_ kernel: Kernel) throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try device.serve(kernel: kernel)
            let container = try DeviceTree(device).make("a")
            let clients = try [container, device.systemDevice].map { served in
                (reader: try served.client("read"), poller: try served.client("poll"))
            }
            daemon.signal(SIGTERM)
            #expect(try daemon.exitCode() == 0)
            for (reader, poller) in clients {
                #expect(try reader.exitCode() == ENODEV)
                #expect(try poller.exitCode() == 0)
                #expect(poller.text.contains("POLLERR"))
            }
            #expect(device.mountPoints == [])
        }
    }
}
