import Foundation

/// The command line.
struct Options {
    enum Task: String {
        case figures, costs
    }

    enum Figures: String, CaseIterable {
        case timed, clock, window, containers, openssl, resources
    }

    var task = Task.figures
    /// Which figures are measured.
    var figures = Figures.allCases
    /// The sysgenidd to measure.
    var daemon = ""
    /// The folder of the programs in C.
    var tools = ""
    var rounds = 5
    /// Shorter loops and fewer sleepers, to see that everything works.
    var isQuick = false
    var jsonPath: String?
    /// Where the daemon runs, and the floor's peer.
    var daemonProcessor = 0
    /// Where clients run in the measurements on two processors.
    var otherProcessor = 1

    static let usage = """
        usage: bench [figures|costs] --daemon PATH --tools DIRECTORY [--rounds N] [--quick]
                      [--json PATH] [--processors A,B] [--only timed|clock|window|containers|openssl|resources]
        """

    init(_ arguments: [String]) throws {
        var rest = arguments[...]
        if let name = rest.first, let task = Task(rawValue: name) {
            self.task = task
            rest = rest.dropFirst()
        }
        while let option = rest.popFirst() {
            switch option {
            case "--daemon": daemon = try Self.value(&rest)
            case "--tools": tools = try Self.value(&rest)
            case "--rounds": rounds = try Self.number(&rest)
            case "--quick": isQuick = true
            case "--only":
                guard let only = Figures(rawValue: try Self.value(&rest)) else { throw Failure(Self.usage) }
                figures = [only]
            case "--json": jsonPath = try Self.value(&rest)
            case "--processors":
                let numbers = try Self.value(&rest).split(separator: ",").compactMap { Int($0) }
                guard numbers.count == 2 else { throw Failure(Self.usage) }
                (daemonProcessor, otherProcessor) = (numbers[0], numbers[1])
            default: throw Failure(Self.usage)
            }
        }
        guard !daemon.isEmpty, !tools.isEmpty, rounds > 0 else { throw Failure(Self.usage) }
    }

    private static func value(_ rest: inout ArraySlice<String>) throws -> String {
        guard let value = rest.popFirst() else { throw Failure(usage) }
        return value
    }

    private static func number(_ rest: inout ArraySlice<String>) throws -> Int {
        guard let number = Int(try value(&rest)) else { throw Failure(usage) }
        return number
    }
}
