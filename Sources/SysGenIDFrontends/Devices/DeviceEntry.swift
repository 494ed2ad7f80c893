import SysGenIDCore
import SysGenIDFuse

/// The device of a container, as it is handed from one daemon to the next.
struct DeviceEntry: Hashable, Sendable {
    var name: String
    /// Whose it is.
    var userID: UInt32
    var groupID: UInt32
    /// Of the directory, the lower twelve bits.
    var permissions: UInt32
    /// Seconds since 1970.
    var time: Int
    var flags: Flags = .isThere
    /// The backing file for passthrough opens, where the kernel has them.
    var backing: BackingID?
    /// The same for opens of its page in the layout of a vmclock.
    var clockBacking: BackingID?
    /// The number of the request that made it.
    var making: UInt64 = 0
    /// How often the kernel knows of its directory.
    var lookups = LookupCount()
    /// The generation to begin with, where it was asked for.
    var minimum: UInt32 = 0
    var generation = Generation.fresh
    /// The generation that the system has with it.
    var systemGeneration = Generation.fresh

    struct Flags: OptionSet, Hashable, Sendable {
        let rawValue: UInt32

        static let isThere = Flags(rawValue: 1)
        /// Its name was taken away, and somebody keeps it.
        static let isNameless = Flags(rawValue: 2)
        static let wasOpened = Flags(rawValue: 4)
        static let hasMinimum = Flags(rawValue: 8)
        static let all = Flags(rawValue: 15)
    }

    init(name: String, userID: UInt32, groupID: UInt32, permissions: UInt32, time: Int) {
        self.name = name
        self.userID = userID
        self.groupID = groupID
        self.permissions = permissions
        self.time = time
    }

    /// What was known of the device by a connection that is gone.
    mutating func forgetConnection() {
        (backing, clockBacking, lookups, making) = (nil, nil, LookupCount(), 0)
    }

    var isNameless: Bool { flags.contains(.isNameless) }

    /// The name that the bytes are; nil where a device cannot be called so.
    static func name(_ bytes: [UInt8]) -> String? {
        DeviceName.isValid(bytes) ? String(decoding: bytes, as: UTF8.self) : nil
    }
}

/// How often the kernel was told of a node and has not forgotten it, and by which message that was counted last: one that
/// a successor is given once more counts once.
struct LookupCount: Hashable, Sendable {
    private(set) var count: UInt32 = 0
    private var message: UInt32 = 0

    init() {}

    init(word: UInt64) {
        count = UInt32(truncatingIfNeeded: word)
        message = UInt32(truncatingIfNeeded: word >> 32)
    }

    var word: UInt64 { UInt64(message) << 32 | UInt64(count) }

    /// - Parameters:
    ///   - change: how often more, or less.
    ///   - number: the kernel's number of the message.
    mutating func change(by change: Int64, in number: UInt64) {
        let message = UInt32(truncatingIfNeeded: number)
        guard message != self.message else { return }
        self.message = message
        count = UInt32(clamping: Int64(count) + change)
    }

    /// The kernel did not take what was counted last.
    mutating func takeBack() {
        count -= min(count, 1)
    }
}
