internal import CSysGenID
internal import Glibc
internal import SystemPackage

/// The device as a client has it open: one open file description, which makes it one watcher.
///
/// Each call is made once: a signal is reported as `.interrupted`, and what it means is the caller's to say.
public struct DeviceFile: ~Copyable, Sendable {
    /// Where the device was opened.
    public let path: String
    private let descriptor: OwnedDescriptor

    /// The descriptor's number, borrowed: valid as long as the device is open.
    public var number: CInt { descriptor.rawValue }

    /// Opens the device, close-on-exec. See open(2).
    public init(_ path: String, _ flags: OpenFlags) throws(SystemCallFailure) {
        descriptor = try openFile(path, flags)
        self.path = path
    }

    /// Takes over a device that is open already.
    public init(adopting descriptor: consuming OwnedDescriptor, at path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    /// The versions of the interface that it answers; none where it is another device.
    ///
    /// What is asked changes nothing of a watcher that was just opened, and nothing of others.
    public func answeredVersions() -> DeviceVersions {
        var versions = DeviceVersions()
        if (try? request(.setTracking, 0)) != nil { versions.insert(.v8) }
        if (try? request(.countOutdated, 0)) != nil { versions.insert(.v4) }
        return versions
    }

    /// Reads the generation. See read(2).
    public func read() throws(SystemCallFailure) -> UInt32 {
        try describing("read", path) { () throws(Errno) in
            var word: UInt32 = 0
            let size = MemoryLayout<UInt32>.size
            guard try valueOrErrno(.fail, { Glibc.read(descriptor.rawValue, &word, size) }) == size else {
                throw .ioError
            }
            return word
        }
    }

    /// Writes a generation, which acknowledges it. See write(2).
    public func write(_ word: UInt32) throws(SystemCallFailure) {
        try describing("write", path) { () throws(Errno) in
            let size = MemoryLayout<UInt32>.size
            let count = try valueOrErrno(.fail) {
                withUnsafeBytes(of: word) { Glibc.write(descriptor.rawValue, $0.baseAddress, size) }
            }
            guard count == size else { throw .ioError }
        }
    }

    /// Makes a request of the device, whose argument is the word itself. See ioctl(2).
    public func request(_ request: DeviceRequest, _ word: UInt) throws(SystemCallFailure) -> UInt32 {
        try describing("ioctl", path) { () throws(Errno) in
            UInt32(bitPattern: try descriptor.control(request.number, word))
        }
    }

    /// Waits until the watcher is outdated or the device fails, or the time is over. See poll(2).
    ///
    /// - Parameter milliseconds: how long to wait at most; nil is for ever.
    public func poll(milliseconds: CInt?) throws(SystemCallFailure) -> DeviceReadiness {
        try describing("poll", path) { () throws(Errno) in
            var entry = pollfd(fd: descriptor.rawValue, events: Int16(POLLIN), revents: 0)
            guard try valueOrErrno(.fail, { Glibc.poll(&entry, 1, milliseconds ?? -1) }) > 0 else { return .nothing }
            return CInt(entry.revents) & (POLLERR | POLLHUP | POLLNVAL) == 0 ? .readable : .failed
        }
    }

    /// Maps the page with the generation. See mmap(2).
    ///
    /// - Parameter offset: where in the page the generation lies, in bytes; a multiple of 4.
    public func mapGeneration(at offset: Int) throws(SystemCallFailure) -> MappedGeneration {
        try describing("mmap", path) { () throws(Errno) in
            try MappedGeneration(mapping: descriptor, offset: offset)
        }
    }
}

/// What a poll of the device found.
public enum DeviceReadiness: Hashable, Sendable {
    case nothing, readable, failed
}

/// The requests that the device answers; linux/sysgenid.h says what they do.
public enum DeviceRequest: Hashable, Sendable {
    case setTracking, waitForTracked, trigger
    /// Of version 4 of the interface; version 8 has no such request.
    case countOutdated
    /// The wait and the trigger of version 4.
    case waitForAll, forceUpdate

    fileprivate var number: UInt32 {
        switch self {
        case .setTracking: CSYSGENID_SET_WATCHER_TRACKING.rawValue
        case .waitForTracked: CSYSGENID_WAIT_WATCHERS.rawValue
        case .trigger: CSYSGENID_TRIGGER_GEN_UPDATE.rawValue
        case .countOutdated: CSYSGENID_V4_GET_OUTDATED_WATCHERS.rawValue
        case .waitForAll: CSYSGENID_V4_WAIT_WATCHERS.rawValue
        case .forceUpdate: CSYSGENID_V4_FORCE_GEN_UPDATE.rawValue
        }
    }
}

/// Versions of the interface, whose requests have other numbers. See linux/sysgenid.h.
public struct DeviceVersions: OptionSet, Hashable, Sendable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    public static let v4 = DeviceVersions(rawValue: 1 << 0)
    public static let v8 = DeviceVersions(rawValue: 1 << 1)

    /// The request that triggers a change.
    public var trigger: DeviceRequest { contains(.v8) ? .trigger : .forceUpdate }
}
