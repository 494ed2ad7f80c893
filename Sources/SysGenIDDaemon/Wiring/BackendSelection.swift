internal import SysGenIDBackends

/// Chooses the backend.
struct BackendSelection {
    let backend: any Backend
    /// What there is to say of the choice, a line each.
    let remarks: [String]

    /// - Throws: a line that says why the wanted backend cannot be used, and what to do.
    init(_ configuration: Configuration, from catalogue: BackendCatalogue) throws(BackendUnavailable) {
        switch (configuration.backend, configuration.backendFile) {
        case (.auto, nil):
            // A backend that saw a change where there is none would make clients abort; until the laboratory
            // has proved the hardware backends, whoever wants one names it.
            backend = try catalogue.backend(named: BackendChoice.manual.rawValue)
            let usable = catalogue.usableHardware.map { "--backend \($0)" }.joined(separator: " or ")
            remarks = [
                "changes come by 'sysgenidctl trigger' only: "
                    + (usable.isEmpty ? "this machine shows no other sign of a resume" : "try \(usable)")
            ]
        case (.auto, _?):
            backend = try catalogue.backend(named: BackendChoice.file.rawValue)
            remarks = []
        case (let choice, _):
            backend = try catalogue.backend(named: choice.rawValue)
            remarks = []
        }
    }
}

extension BackendCatalogue {
    init(_ configuration: Configuration) {
        self.init(
            systemRoot: configuration.systemRoot, interval: configuration.pollInterval,
            file: configuration.backendFile)
    }

    fileprivate var usableHardware: [String] {
        entries.filter { entry in
            guard case .usable = entry.verdict else { return false }
            return ![BackendChoice.file, .manual].map(\.rawValue).contains(entry.name)
        }.map(\.name)
    }
}
