extension Configuration {
    /// What is wrong with it, in one line for who has written the command line; nil where nothing is.
    var defect: String? {
        if backend == .file, backendFile == nil {
            return "--backend file needs --backend-file PATH, the file to watch"
        }
        if backendFile != nil, backend != .file, backend != .auto {
            return "--backend-file is used by --backend file only, not by \(backend.rawValue)"
        }
        if !(10...60_000).contains(pollInterval) {
            return "--poll-interval \(pollInterval) is not from 10 to 60000"
        }
        if !(1...1_000_000).contains(maxWatchers) {
            return "--max-watchers \(maxWatchers) is not from 1 to 1000000"
        }
        if !(0...32_768).contains(maxContainers) {
            return "--max-containers \(maxContainers) is not from 0 to 32768"
        }
        if vmclock == nil, coversVMClock {
            return "--vmclock-cover goes with --vmclock"
        }
        let paths = [
            ("--device", device), ("--runtime-dir", runtimeDirectory), ("--devices-dir", devicesDirectory),
            ("--vmclock", vmclock),
        ]
        return paths.first { $0.1?.isEmpty == true }.map { "\($0.0) needs a path" }
    }
}
