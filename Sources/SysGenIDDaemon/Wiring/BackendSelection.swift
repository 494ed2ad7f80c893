internal import SysGenIDBackends

/// Chooses the backend.
struct BackendSelection {
    var backend: any Backend
    /// Why no better one was taken.
    var remarks: [String] = []

    /// - Throws: a line that says why the wanted backend cannot be used, and what to do.
    init(_ configuration: Configuration) throws(BackendUnavailable) {
        switch configuration.backend {
        case .manual:
            backend = ManualBackend()
        case .file, .auto:
            guard let path = configuration.backendFile else {
                backend = ManualBackend()
                remarks = ["this version has no hardware backends: changes come by 'sysgenidctl trigger' only"]
                return
            }
            backend = FileBackend(path: path)
        case .acpi, .devicetree, .qemuFirmwareConfiguration, .vmclock:
            throw BackendUnavailable(
                "the backend \(configuration.backend.rawValue) is not in this version: "
                    + "choose --backend auto, file or manual")
        }
    }
}

/// Why a backend cannot be used, in one line that says what to do.
struct BackendUnavailable: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) {
        self.description = description
    }
}
