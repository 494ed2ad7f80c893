internal import SysGenIDCore

/// What a vmclock page says of the system's generation. See include/uapi/linux/vmclock-abi.h of the kernel;
/// all fields are little-endian.
struct VMClockPage: Hashable {
    /// Changed by the hypervisor each time the system is loaded from a saved state. It is not the disruption
    /// marker, which also changes when the system merely moves to another host.
    var generationCounter: UInt64
    /// Whether the hypervisor says so when it has changed the page.
    var hasNotifications: Bool
    /// What it says of the clock.
    var clock: VMClockFields

    /// Why a page says nothing.
    enum Defect: Error, Hashable {
        case tooShort(Int)
        case noMagic(UInt32)
        case noRoomForCounter(UInt32)
        case unknownVersion(UInt16)
        case noGenerationCounter
        case alwaysBeingWritten
    }

    /// The counter lies in the last eight of these bytes.
    static let byteCount = VMClockLayout.size
    /// How often a page is looked at that somebody is just writing.
    static let tries = 10_000

    /// Reads a page that may be written at the same time.
    ///
    /// - Parameters:
    ///   - available: how many bytes there are to load from.
    ///   - load: loads the word at the offset with acquire ordering.
    init(available: Int, load: (Int) -> UInt32) throws(Defect) {
        guard available >= Self.byteCount else { throw .tooShort(available) }
        func word(_ offset: Int) -> UInt32 { UInt32(littleEndian: load(offset)) }
        func longWord(_ offset: Int) -> UInt64 { UInt64(word(offset)) | UInt64(word(offset + 4)) << 32 }

        let magic = word(VMClockLayout.Offset.magic)
        guard magic == VMClockLayout.magic else { throw .noMagic(magic) }
        // The region may be larger than the page that the kernel lets a program map.
        let size = word(VMClockLayout.Offset.size)
        guard size >= Self.byteCount else { throw .noRoomForCounter(size) }
        let version = UInt16(truncatingIfNeeded: word(VMClockLayout.Offset.version))
        guard version == VMClockLayout.version else { throw .unknownVersion(version) }

        for _ in 0..<Self.tries {
            let sequence = word(VMClockLayout.Offset.sequence)
            guard sequence.isMultiple(of: 2) else { continue }
            let flags = VMClockLayout.Flags(rawValue: longWord(VMClockLayout.Offset.flags))
            let counter = longWord(VMClockLayout.Offset.generationCounter)
            let clock = VMClockFields(identification: word(VMClockLayout.Offset.version), longWord)
            guard word(VMClockLayout.Offset.sequence) == sequence else { continue }
            guard flags.contains(.hasGenerationCounter) else { throw .noGenerationCounter }
            self.clock = clock
            generationCounter = counter
            hasNotifications = flags.contains(.sendsNotifications)
            return
        }
        throw .alwaysBeingWritten
    }
}

extension VMClockPage {
    /// What is made of it.
    ///
    /// - Parameter isFollowed: whether whoever reads it hears what the hypervisor tells.
    func sighting(isFollowed: Bool) -> Sighting {
        Sighting(
            identity: Identity(domain: .vmclock, high: generationCounter, low: 0),
            clock: HostClock(clock, isAnnounced: isFollowed && hasNotifications))
    }
}

extension VMClockPage.Defect: CustomStringConvertible {
    var reason: UnusableReason {
        switch self {
        case .tooShort, .noMagic: .damaged
        case .noRoomForCounter, .noGenerationCounter: .noCounter
        case .unknownVersion: .unknownVersion
        case .alwaysBeingWritten: .unsteady
        }
    }

    var description: String {
        switch self {
        case .tooShort(let count): "has only \(count) bytes of \(VMClockPage.byteCount): it is no vmclock"
        case .noMagic(let word): "begins with 0x\(String(word, radix: 16)): it is no vmclock"
        case .noRoomForCounter(let size): "says that it has \(size) bytes: this vmclock has no generation counter"
        case .unknownVersion(let version): "is of version \(version), and only version 1 is known"
        case .noGenerationCounter:
            "is a vmclock that has no generation counter; the disruption marker is not one"
        case .alwaysBeingWritten: "is being written all the time: the hypervisor has not finished its update"
        }
    }
}
