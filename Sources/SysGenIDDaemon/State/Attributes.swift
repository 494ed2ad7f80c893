public import SysGenIDCore
internal import SysGenIDFrontends

/// What the daemon publishes of itself, one small text file for each value.
public struct Attributes: Hashable, Sendable {
    public var generation: Generation
    /// Where in the mapped page the generation lies, in bytes.
    public var pageOffset: Int
    public var watchers: WatcherFigures
    /// Processes with outdated watchers, some of them where there are many: number and name; nil where only the kernel
    /// knows.
    public var outdatedProcesses: [String]? = []
    /// The name of the backend, and why it is that one.
    public var backend: String
    public var backendReason: String
    /// What the backend reads cannot be read at present.
    var isBackendFailing = false
    /// The names of the frontends that serve.
    public var frontends: [String]
    /// The daemon's own pid.
    public var processID: Int32
    /// The path of the device.
    public var device: String
    var changes = ChangeHistory.Summary()
    /// How many containers have a device of their own.
    var containers = 0
    /// Where they are; nil where there can be none.
    var devicesDirectory: String?
    /// What the system's page in the layout of a vmclock shows; nil where there is none.
    var clock: ClockFigures?
    /// The last reseed; nil before the first.
    var reseed: ReseedLine?

    public init(
        generation: Generation, pageOffset: Int, watchers: WatcherFigures, backend: String, backendReason: String,
        frontends: [String], processID: Int32, device: String
    ) {
        self.generation = generation
        self.pageOffset = pageOffset
        self.watchers = watchers
        self.backend = backend
        self.backendReason = backendReason
        self.frontends = frontends
        self.processID = processID
        self.device = device
    }

    static let generationName = "generation"
    static let deviceName = "device"
    static let reseedName = "reseed"

    /// The files that clients may wait for, or a successor needs, and which are therefore written at once. Whoever sees
    /// the generation of a resume finds its reseed.
    var urgentFiles: [(name: String, text: String)] {
        [
            (Self.deviceName, device), (Self.reseedName, reseed?.text ?? ReseedLine.none),
            (Self.generationName, "\(generation)"),
        ]
    }

    /// What stands for a figure that the daemon does not know. What an earlier daemon has left there must not stay.
    static let unknown = "unknown"

    /// What stands for a thing that there is not.
    private static let none = "none"

    private static func text(of figure: Int?) -> String { figure.map(String.init) ?? unknown }

    /// The names of the files and what stands in them, but for the newline.
    var files: [(name: String, text: String)] {
        urgentFiles + [
            ("page_offset", "\(pageOffset)"),
            ("watchers", Self.text(of: watchers.all)),
            ("tracked", Self.text(of: watchers.tracked)),
            ("outdated", Self.text(of: watchers.outdated)),
            ("outdated_processes", outdatedProcesses?.joined(separator: "\n") ?? Self.unknown),
            ("containers", "\(containers)"),
            ("devices_directory", devicesDirectory ?? Self.none),
            ("vmclock_counter", clock.map { "\($0.counter)" } ?? Self.none),
            ("vmclock_clock", clock.map { $0.hasClock ? "valid" : "invalid" } ?? Self.none),
            ("backend", backend),
            ("backend_reason", backendReason),
            ("frontends", frontends.joined(separator: " ")),
            ("pid", "\(processID)"),
            ("changes", changes.last.map(\.text).joined(separator: "\n")),
            ("sysgenid.prom", metrics),
        ]
    }
}

/// How many watchers there are of each kind; nil where only the kernel knows, whose device is driven.
public struct WatcherFigures: Hashable, Sendable {
    public var all: Int?
    public var tracked: Int?
    public var outdated: Int?

    public init(outdated: Int? = nil) {
        self.outdated = outdated
    }

    public init(_ census: Census) {
        all = census.watchers
        tracked = census.tracked
        outdated = census.outdated
    }
}
