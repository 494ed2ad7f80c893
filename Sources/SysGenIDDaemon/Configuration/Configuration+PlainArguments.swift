internal import SysGenIDLog

extension Configuration {
    /// What a plain command line asks for: one of options that say how to serve, each with a value that is right. Nil for
    /// every other one, which is for the argument library to answer; what this one takes, that takes for the same.
    init?(plainArguments: [String]) {
        self.init()
        var words = plainArguments[...]
        while let word = words.popFirst() {
            guard take(word, &words) else { return nil }
        }
        guard defect == nil else { return nil }
    }

    /// Takes an option, and from the words behind it its value where that is one of them.
    ///
    /// - Returns: whether it is plain.
    private mutating func take(_ word: String, _ words: inout ArraySlice<String>) -> Bool {
        guard word != "--vmclock-cover" else {
            coversVMClock = true
            return true
        }
        if let sign = word.firstIndex(of: "=") {
            let value = word[word.index(after: sign)...]
            return !value.isEmpty && set(word[..<sign], to: String(value))
        }
        guard let value = words.popFirst(), !value.isEmpty, !value.hasPrefix("-") else { return false }
        return set(word[...], to: value)
    }

    private mutating func set(_ option: Substring, to value: String) -> Bool {
        switch option {
        case "--frontend": take(FrontendChoice(rawValue: value), as: \.frontend)
        case "--device": take(value, as: \.device)
        case "--mount-namespace": take(value, as: \.mountNamespace)
        case "--mode": take(OctalMode(argument: value)?.permissions, as: \.permissions)
        case "--group": take(value, as: \.group)
        case "--backend": take(BackendChoice(rawValue: value), as: \.backend)
        case "--backend-file": take(value, as: \.backendFile)
        case "--system-root": take(value, as: \.systemRoot)
        case "--poll-interval": take(CInt(value), as: \.pollInterval)
        case "--runtime-dir": take(value, as: \.runtimeDirectory)
        case "--max-watchers": take(Int(value), as: \.maxWatchers)
        case "--devices-dir": take(value, as: \.devicesDirectory)
        case "--max-containers": take(Int(value), as: \.maxContainers)
        case "--vmclock": take(value, as: \.vmclock)
        case "--log-level": take(LogLevel(argument: value)?.level, as: \.logLevel)
        default: false
        }
    }

    private mutating func take<Value>(_ value: Value?, as field: WritableKeyPath<Self, Value>) -> Bool {
        guard let value else { return false }
        self[keyPath: field] = value
        return true
    }
}
