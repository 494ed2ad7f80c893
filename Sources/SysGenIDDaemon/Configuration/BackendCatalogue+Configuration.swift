internal import SysGenIDBackends

extension BackendCatalogue {
    init(_ configuration: Configuration) {
        self.init(
            systemRoot: configuration.systemRoot, interval: configuration.pollInterval,
            file: configuration.backendFile)
    }

    /// The backend that the configuration asks for. Whoever names a file without a backend wants it watched.
    ///
    /// - Throws: a line that says why it cannot be used, and what to do.
    func choice(for configuration: Configuration) throws(BackendUnavailable) -> Choice {
        switch (configuration.backend, configuration.backendFile) {
        case (.auto, nil): best()
        case (.auto, _?): try backend(named: BackendChoice.file.rawValue)
        case (let named, _): try backend(named: named.rawValue)
        }
    }
}
