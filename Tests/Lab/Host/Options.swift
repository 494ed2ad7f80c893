import Foundation

/// The command line: `lab [test|prepare|releases|shell|list] [--architecture NAME] [--kernel NAME] [--test PART]
/// [--full yes] [--at-once N]`.
struct Options {
    enum Command: String {
        case test, shell, list
        /// Makes ready what the tests need.
        case prepare
        /// Tests the packages of `make debs`, each in the release of Debian that it is for.
        case releases
    }

    var command = Command.test
    /// Of the guests. Programs for another one than this machine's come from `make arm64`.
    var architecture = Architecture.own
    var kernel: String?
    var test: String?
    /// Every test on every kernel, where some have only those that differ between kernels.
    var isFull = false
    /// A guest has one processor, as a rule, and keeps it busy for two thirds of its time or so.
    var atOnce = ProcessInfo.processInfo.activeProcessorCount + 1

    static let usage =
        "usage: lab [test|prepare|releases|shell|list] [--architecture amd64|arm64] [--kernel NAME] [--test PART-OF-NAME] "
        + "[--full yes] [--at-once N]"

    init(_ arguments: [String]) throws {
        var words = arguments[...]
        if let first = words.first, let command = Command(rawValue: first) {
            self.command = command
            words.removeFirst()
        }
        while let option = words.popFirst() {
            guard let value = words.popFirst() else { throw Failure(Self.usage) }
            switch option {
            case "--architecture":
                guard let known = Architecture(rawValue: value) else { throw Failure(Self.usage) }
                architecture = known
            case "--kernel": kernel = value
            case "--test": test = value
            case "--full":
                guard value == "yes" else { throw Failure(Self.usage) }
                isFull = true
            case "--at-once":
                guard let number = Int(value), (1...64).contains(number) else { throw Failure(Self.usage) }
                atOnce = number
            default: throw Failure(Self.usage)
            }
        }
    }

    /// The kernels that were asked for, all where none was.
    func kernels() throws -> [Kernel] { try lines(of: .test).map(\.kernel) }

    /// The same with the releases of Debian whose packages are tested; nil is this machine's.
    func lines() throws -> [(kernel: Kernel, release: DebianRelease?)] { try lines(of: command) }

    private func lines(of command: Command) throws -> [(kernel: Kernel, release: DebianRelease?)] {
        let all: [(kernel: Kernel, release: DebianRelease?)] =
            command == .releases ? DebianRelease.all.map { ($0.line, $0) } : Kernel.all.map { ($0, nil) }
        let fitting = all.filter { $0.kernel.architecture == architecture }
        guard let kernel else { return fitting }
        let chosen = fitting.filter { $0.kernel.name == kernel }
        guard !chosen.isEmpty else {
            let known = fitting.map(\.kernel.name).joined(separator: ", ")
            throw Failure("there is no kernel \(kernel) in the table: it has \(known)")
        }
        return chosen
    }
}
