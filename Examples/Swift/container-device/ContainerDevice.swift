// A manager of containers: makes a device for one of them, and takes it away at the end of the input. A container that was
// restored from its checkpoint has a change of its own, and goes into service when all that is tracked in it has readjusted.
//
//     swift run container-device NAME [DEADLINE-MS]      each line of the input says that the container was restored
//
// It takes root.

import Glibc
import SysGenID

@main
struct ContainerDevice {
    static func main() throws {
        let arguments = CommandLine.arguments.dropFirst()
        guard let name = ContainerName(arguments.first ?? "") else {
            say("no name of a container")
            exit(2)
        }
        let deadline = arguments.dropFirst().first.flatMap(UInt32.init) ?? 10_000
        let devices = ContainerDevices()
        try provide(name, in: devices)
        say("mount \(devices.path(of: name)) to /dev/sysgenid of the container")
        while readLine() != nil {
            let isReady = try renew(devices.overseer(of: name), within: deadline)
            say(isReady ? "in service" : "not everybody has readjusted in time")
        }
        try devices.remove(name)
    }

    static func provide(_ name: ContainerName, in devices: ContainerDevices) throws(ContainerFailure) {
        do {
            try devices.make(name)
        } catch let failure where failure.reason == .exists {
            // This manager was started anew: the device has outlived it, as it outlives the daemon.
        }
    }

    /// Has the programs in the container renew what has to be unique; false where one is too late.
    static func renew(_ overseer: Overseer, within milliseconds: UInt32) throws(DeviceFailure) -> Bool {
        say("generation \(try overseer.trigger())")
        do {
            try overseer.waitForWatchers(timeoutMilliseconds: milliseconds)
            return true
        } catch let failure where failure.reason == .timedOut {
            return false
        }
    }
}

func say(_ line: String) {
    print(line)
    fflush(nil)
}
