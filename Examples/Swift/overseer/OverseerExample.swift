// An overseer: brings its services to rest, says that the system was cloned, waits until every tracked program has
// readjusted, and lets the services go on. Where one is too late, they stay at rest. It takes CAP_SYS_ADMIN, as root has.
//
//     swift run overseer [DEVICE [DEADLINE-MS]]

import Glibc
import SysGenID

/// Here a real one stops to take requests, and takes or resumes the snapshot.
struct Services {
    func quiesce() {
        print("quiesced")
    }

    func resume() {
        print("resumed")
    }
}

@main
struct OverseerExample {
    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst()
        let overseer = Overseer(path: arguments.first ?? SystemGenerationDevice.defaultPath)
        let deadline = arguments.dropFirst().first.flatMap(UInt32.init) ?? 10_000
        let services = Services()

        services.quiesce()
        do {
            print("generation \(try overseer.trigger())")
            fflush(nil)
            // A change that comes meanwhile begins the wait anew; the time runs on.
            try await overseer.watchersReadjust(withinMilliseconds: deadline)
        } catch let failure as DeviceFailure where failure.reason == .timedOut {
            print("not everybody has readjusted in time")
            exit(3)
        } catch {
            print(error)
            exit(1)
        }
        services.resume()
    }
}
