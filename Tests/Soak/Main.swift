import Foundation

/// Lets a daemon live for hours among clients, changes and faults. See "The soak" in docs/testing.md.
@main
struct Main {
    static func main() {
        do {
            exit(try run() ? 0 : 1)
        } catch {
            print("soak: \(error)")
            exit(1)
        }
    }

    /// - Returns: whether all is well.
    private static func run() throws -> Bool {
        let options = try Options(CommandLine.arguments.dropFirst())
        let stage = try Stage(clients: options.clients)
        defer { stage.end() }
        let soak = try Soak(on: stage, options)
        soak.say("\(options.minutes) minutes, \(options.clients) clients, seed \(options.seed)")
        return try soak.run()
    }
}

/// What is asked for on the command line.
struct Options {
    var minutes = 45.0
    var clients = 200
    var seed: UInt64 = 1

    init(_ arguments: some Sequence<String>) throws {
        var words = arguments.makeIterator()
        while let name = words.next() {
            guard let word = words.next(), let number = Double(word), number > 0 else {
                throw Failure("\(name) wants a number")
            }
            switch name {
            case "--minutes": minutes = number
            case "--hours": minutes = number * 60
            case "--clients": clients = Int(number)
            case "--seed": seed = UInt64(number)
            default: throw Failure("what is \(name)?")
            }
        }
    }
}

/// What must not be.
struct Failure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
