import Glibc
import SysGenID

/// A program that uses the client library, for the end-to-end tests: `LibraryClient COMMAND DEVICE RUNTIME-DIRECTORY`.
///
/// Says what it sees, a line each.
@main
enum LibraryClient {
    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count > 3 else { exit(EXIT_FAILURE) }
        let open = { (access: SystemGenerationDevice.Access?) in
            try GenerationWatcher(path: arguments[2], runtimeDirectory: arguments[3], access: access, isTracked: true)
        }
        switch arguments[1] {
        case "signals": try takeSignals(following: open(nil), overseeing: Overseer(path: arguments[2]))
        default: exit(EXIT_FAILURE)
        }
    }

    static func say(_ text: String) {
        print(text)
        fflush(nil)
    }
}
