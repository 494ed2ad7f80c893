internal import SysGenIDSystem

/// What the daemon publishes about itself in small text files.
///
/// Each attribute is nil where its file is missing, too long, or not exactly what the daemon writes. They are
/// read one after the other, so that a change may come in between.
public struct PublishedAttributes: Hashable, Sendable {
    public var generation: Generation?
    /// Where in the mapped page the generation lies, in bytes.
    public var pageOffset: Int?
    /// The watchers that there are, those that are tracked, and those that are outdated, tracked or not.
    public var watchers: Int?
    public var tracked: Int?
    public var outdated: Int?
    /// Processes with outdated watchers, some of them where there are many: number and name.
    public var outdatedProcesses: [String]?
    /// Where changes come from, and why from there.
    public var backend: String?
    public var backendReason: String?
    /// The last changes since the daemon started, the oldest first: time, generation, cause.
    public var changes: [String]?
    /// When the kernel's random pool was last reseeded for a change; nil also before the first time.
    public var reseed: PublishedReseed?
    /// How many containers have a device of their own, and the directory of these devices.
    public var containers: Int?
    public var devicesDirectory: String?
    /// The counter that the system's page in the layout of a vmclock shows; nil where there is no such page.
    public var vmclockCounter: UInt64?
    /// Whether that page shows the clock of the hypervisor; nil where there is none.
    public var hasVMClockTime: Bool?
    /// How the device is served.
    public var frontends: [String]?
    /// The daemon's process, in its own pid namespace.
    public var processID: Int32?
    /// The absolute path of the device that all this is about.
    public var device: String?

    /// Where the daemon publishes: `SYSGENID_RUNTIME_DIR` in the environment, or /run/sysgenid.
    public static var defaultDirectory: String {
        Surroundings.variable("SYSGENID_RUNTIME_DIR") ?? "/run/sysgenid"
    }

    /// Reads what is published in the directory.
    public init(in directory: String = Self.defaultDirectory) {
        func line(_ name: String, limit: Int = 256) -> String? {
            // One byte more than is allowed shows that there is more.
            let contents = try? Files.read("\(directory)/\(name)", limit: limit + 1)
            return contents.flatMap { AttributeText.line($0, limit: limit) }
        }
        func lines(_ name: String) -> [String]? {
            let limit = 16_384
            let contents = try? Files.read("\(directory)/\(name)", limit: limit + 1)
            return contents.flatMap { AttributeText.lines($0, limit: limit) }
        }
        func number<Value: FixedWidthInteger>(_ name: String) -> Value? {
            guard let text = line(name) else { return nil }
            return AttributeText.number(text)
        }
        generation = number("generation").map(Generation.init(rawValue:))
        pageOffset = number("page_offset")
        watchers = number("watchers")
        tracked = number("tracked")
        outdated = number("outdated")
        // A daemon that drives the kernel's own device does not know them.
        outdatedProcesses = lines("outdated_processes").flatMap { $0 == ["unknown"] ? nil : $0 }
        backend = line("backend").flatMap(AttributeText.word)
        backendReason = line("backend_reason", limit: 4_096)
        changes = lines("changes")
        reseed = line("reseed", limit: 4_096).flatMap(PublishedReseed.init)
        containers = number("containers")
        devicesDirectory = line("devices_directory", limit: 4_096).flatMap { $0 == "none" ? nil : $0 }
        vmclockCounter = number("vmclock_counter")
        hasVMClockTime = line("vmclock_clock").flatMap { ["valid": true, "invalid": false][$0] }
        frontends = line("frontends").flatMap(AttributeText.words)
        processID = number("pid")
        device = line("device", limit: 4_096)
    }

    /// Whether the attributes are about the device at this path, to which symbolic links may lead.
    public func describe(_ path: String) -> Bool {
        device.map(Surroundings.resolvedPath) == Surroundings.resolvedPath(path)
    }
}
