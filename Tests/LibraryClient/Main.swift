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
        case "workers": try work(with: open(.readWrite))
        case "reading-workers": try work(with: open(.readOnly))
        default: exit(EXIT_FAILURE)
        }
    }

    private static func work(with watcher: GenerationWatcher) throws {
        var workers = Workers(watcher)
        try workers.run()
    }

    static func say(_ text: String) {
        print(text)
        fflush(nil)
    }
}
