/// The command line: `lab [test|shell|list] [--kernel NAME] [--test PART] [--at-once N]`.
struct Options {
    enum Command: String {
        case test, shell, list
    }

    var command = Command.test
    var kernel: String?
    var test: String?
    /// A guest keeps about one processor busy.
    var atOnce = 2

    static let usage = "usage: lab [test|shell|list] [--kernel NAME] [--test PART-OF-NAME] [--at-once N]"

    init(_ arguments: [String]) throws {
        var words = arguments[...]
        if let first = words.first, let command = Command(rawValue: first) {
            self.command = command
            words.removeFirst()
        }
        while let option = words.popFirst() {
            guard let value = words.popFirst() else { throw Failure(Self.usage) }
            switch option {
            case "--kernel": kernel = value
            case "--test": test = value
            case "--at-once":
                guard let number = Int(value), (1...64).contains(number) else { throw Failure(Self.usage) }
                atOnce = number
            default: throw Failure(Self.usage)
            }
        }
    }

    /// The kernels that were asked for, all where none was.
    func kernels() throws -> [Kernel] {
        guard let kernel else { return Kernel.all }
        let chosen = Kernel.all.filter { $0.name == kernel }
        guard !chosen.isEmpty else {
            let known = Kernel.all.map(\.name).joined(separator: ", ")
            throw Failure("there is no kernel \(kernel) in the table: it has \(known)")
        }
        return chosen
    }
}
