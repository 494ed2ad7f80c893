/// Where what lies in the memory that outlives the daemon. Words are in native byte order, bytes of messages as the
/// kernel sent them; all is zeros before it is written.
///
/// | offset | content |
/// |-------:|---------|
/// |      0 | header: magic, version, capacities, how far the tables were used, the number of the last change |
/// |    512 | a block of 512 bytes for each frontend: what was agreed on with the kernel, a suspected request, file system |
/// |   2048 | the path of the device, with its length |
/// |   4096 | the last changes, 128 bytes each, in a ring |
/// |  36864 | for each frontend the request that is being served, 8192 bytes each |
/// |  61440 | the watchers, 64 bytes each |
/// |        | the parked requests, 160 bytes each |
enum HandoverLayout {
    /// "SysGenHO" on a little-endian machine.
    static let magic: UInt64 = 0x4f48_6e65_4773_7953
    /// To be raised with every change of this layout, or of what a field means.
    static let version: UInt32 = 4

    enum Header {
        static let magic = 0
        static let version = 8
        static let watcherCapacity = 12
        static let parkedCapacity = 16
        /// How many watcher slots were ever used.
        static let watcherSlots = 20
        /// How many parked slots were ever used.
        static let parkedSlots = 24
        /// How many successors in a row have ended before they had served anything, and over no request.
        static let attempts = 28
        /// The number of the last change that counts: its record is what a successor continues with.
        static let changeCount = 32
        static let configuredPermissions = 40
        /// What is configured nowhere.
        static let unknownPermissions = UInt32.max
        static let configuredGroup = 44
        static let permissions = 48
        static let user = 52
        static let group = 56
        static let time = 64
    }

    enum Frontend {
        static let length = 0
        static let backing = 4
        static let handshake = 8
        static let handshakeLimit = 256
        static let replyLength = 264
        /// Seconds; 0 is none.
        static let requestTimeout = 268
        static let reply = 272
        static let replyLimit = 128
        /// The request that was being served when the last daemons ended.
        static let suspect = 400
        /// How many of them have ended over it, one after the other.
        static let suspicions = 408
        /// By what the kernel knows the file system that is mounted: major number in the upper half; 0 where it is not
        /// known.
        static let fileSystem = 504

        static func offset(of kind: FrontendKind) -> Int { 512 + 512 * kind.rawValue }
    }

    enum Path {
        static let length = 2048
        static let bytes = 2052
        static let limit = 1024
    }

    enum Change {
        static let generation = 0
        static let identityCount = 4
        static let key = 8
        static let identities = 16
        static let identitySize = 24
        /// The container's device that has changed alone; 0 where it was the system's, and all.
        static let device = 88
        static let deviceGeneration = 96
        static let ringSize = 256
        /// The number of a change is below it. No daemon comes so far, and those that go on can still count.
        static let numberLimit: UInt64 = 1 << 62

        static func offset(of number: UInt64) -> Int { 4096 + 128 * Int(number % UInt64(ringSize)) }
    }

    enum Served {
        static let length = 0
        /// Whether the end of a daemon was laid to the message already.
        static let isBlamed = 4
        static let message = 8
        static let limit = 8192 - message

        static func offset(of kind: FrontendKind) -> Int { 36_864 + 8192 * kind.rawValue }
    }

    enum Watcher {
        static let state = 0
        static let acknowledged = 8
        static let polledAt = 12
        static let pollNumber = 16
        static let thread = 24
        static let user = 28
        static let openKey = 32
        static let account = 40
        /// 0 where the watcher is counted for no control group.
        static let group = 48
        /// 0 is the system's.
        static let device = 56
        static let size = 64

        static func offset(of slot: Int) -> Int { 61_440 + size * slot }
    }

    enum Parked {
        static let key = 0
        static let deadline = 8
        static let length = 16
        /// Not 0 where the request has made its change.
        static let hasMadeChange = 20
        /// When it ends as by a signal; 0 is never.
        static let limit = 24
        static let message = 32
        static let messageLimit = 128
        static let size = 160

        static func offset(of slot: Int, watcherCapacity: Int) -> Int {
            HandoverLayout.Watcher.offset(of: watcherCapacity) + size * slot
        }
    }

    static func size(watcherCapacity: Int, parkedCapacity: Int) -> Int {
        let end = Parked.offset(of: parkedCapacity, watcherCapacity: watcherCapacity)
        return (end + 4095) / 4096 * 4096
    }
}

/// The frontends, as a successor tells them apart.
public enum FrontendKind: Int, CaseIterable, Sendable {
    case characterDevice, counterFile, deviceDirectory
}

/// Names a request of the kernel among those of all frontends, also where it is delivered a second time.
struct RequestKey: RawRepresentable, Hashable, Sendable {
    /// Never 0: the kernel's numbers begin above it.
    let rawValue: UInt64

    init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// - Parameter unique: the kernel's number; bit 63 says that the request was delivered before.
    init(_ unique: UInt64, of kind: FrontendKind) {
        rawValue = unique & Self.numbers | UInt64(kind.rawValue) << 62
    }

    /// The kernel's number.
    var number: UInt64 { rawValue & Self.numbers }

    private static let numbers: UInt64 = 1 << 62 - 1

    var kind: FrontendKind? { FrontendKind(rawValue: Int(rawValue >> 62)) }
}

/// What the first word of a watcher's slot says: one store changes all of it.
struct WatcherState: Equatable {
    var uses: UInt32
    var flags: Flags = []

    struct Flags: OptionSet {
        let rawValue: UInt32

        static let isOpen = Flags(rawValue: 1)
        static let isTracked = Flags(rawValue: 2)
        static let isCounterFile = Flags(rawValue: 4)
        /// The file is served from the kernel's cache.
        static let isCached = Flags(rawValue: 8)
        /// It was opened with O_NONBLOCK.
        static let isNonBlocking = Flags(rawValue: 16)
        /// Of a file in the directory of devices.
        static let isInDirectory = Flags(rawValue: 32)
        /// Of a device's page in the layout of a vmclock.
        static let isOfClock = Flags(rawValue: 64)
        static let all = Flags(rawValue: 127)
    }

    init(uses: UInt32, flags: Flags = []) {
        self.uses = uses
        self.flags = flags
    }

    init(word: UInt64) {
        uses = UInt32(truncatingIfNeeded: word)
        flags = Flags(rawValue: UInt32(truncatingIfNeeded: word >> 32))
    }

    /// By which frontend it was opened.
    var kind: FrontendKind {
        if flags.contains(.isInDirectory) { return .deviceDirectory }
        return flags.contains(.isCounterFile) ? .counterFile : .characterDevice
    }

    var word: UInt64 { UInt64(flags.rawValue) << 32 | UInt64(uses) }
}
