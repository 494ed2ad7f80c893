internal import SysGenIDCore
internal import SysGenIDSystem

/// What this machine offers to notice a resume by, the best first.
public struct BackendCatalogue: Sendable {
    /// One backend, and whether it can be used here.
    public struct Entry: Sendable {
        public let name: String
        public let verdict: Verdict
        fileprivate var backend: (any Backend)?
    }

    public enum Verdict: Hashable, Sendable {
        /// It can be used, and by what.
        case usable(String)
        /// It cannot be used, and why.
        case unusable(String)
    }

    /// What there is, the best first.
    public let entries: [Entry]

    /// Looks what there is; each source of an identity is read once.
    ///
    /// - Parameters:
    ///   - systemRoot: below which /sys, /proc, /dev and the firmware's files are read.
    ///   - interval: how often an identity is looked at without a reason, in milliseconds.
    ///   - file: the file of the backend `file`; nil where none is named.
    public init(systemRoot: String, interval: CInt, file: String?) {
        let hardware = Hardware(systemRoot: systemRoot, interval: interval)
        let manual = Verdict.usable("changes come by 'sysgenidctl trigger' only")
        entries =
            [Self.file(file)] + hardware.entries
            + [Entry(name: "manual", verdict: manual, backend: ManualBackend())]
    }

    /// The backend of that name.
    ///
    /// - Throws: why it cannot be used, in one line.
    public func backend(named name: String) throws(BackendUnavailable) -> any Backend {
        guard let entry = entries.first(where: { $0.name == name }) else {
            throw BackendUnavailable("there is no backend \(name)")
        }
        switch (entry.verdict, entry.backend) {
        case (.unusable(let reason), _): throw BackendUnavailable("the backend \(name) cannot be used: \(reason)")
        case (.usable, let backend?): return backend
        case (.usable, nil): preconditionFailure("a usable backend is there")
        }
    }

    private static func file(_ path: String?) -> Entry {
        guard let path else {
            return Entry(name: "file", verdict: .unusable("it needs --backend-file PATH, the file to watch"))
        }
        let remark = Files.exists(path) ? path : "\(path), which is not there yet"
        return Entry(name: "file", verdict: .usable(remark), backend: FileBackend(path: path))
    }
}

/// Why a backend cannot be used, in one line that says what to do.
public struct BackendUnavailable: Error, Hashable, Sendable, CustomStringConvertible {
    public var description: String

    init(_ description: String) {
        self.description = description
    }
}

extension BackendCatalogue {
    private struct Hardware {
        let systemRoot: String
        let interval: CInt

        var entries: [Entry] {
            [
                entry("vmclock", "/dev/vmclock0") { () throws(SourceFailure) in
                    try VMClockSource(systemRoot: systemRoot)
                },
                entry("acpi", "the VM generation ID in memory") { () throws(SourceFailure) in
                    try MemorySource.acpi(systemRoot: systemRoot)
                },
                entry("devicetree", "the VM generation ID in memory") { () throws(SourceFailure) in
                    try MemorySource.deviceTree(systemRoot: systemRoot)
                },
                // Each look makes the hypervisor copy the file.
                entry("qemu-fw-cfg", "the hypervisor's file", interval: max(interval, 1_000)) {
                    () throws(SourceFailure) in FirmwareConfigurationSource(systemRoot: systemRoot)
                },
            ]
        }

        private func entry(
            _ name: String, _ remark: String, interval: CInt? = nil,
            _ open: () throws(SourceFailure) -> some IdentitySource
        ) -> Entry {
            do throws(SourceFailure) {
                let source = try open()
                _ = try source.identity()
                let backend = WatchingBackend(
                    name: name, source: source, systemRoot: systemRoot, interval: interval ?? self.interval)
                return Entry(name: name, verdict: .usable(remark), backend: backend)
            } catch {
                return Entry(name: name, verdict: .unusable(error.description))
            }
        }
    }
}
