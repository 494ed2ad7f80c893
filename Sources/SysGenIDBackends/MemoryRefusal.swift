internal import SysGenIDSystem

/// Why the machine's memory cannot be mapped, and what to do. See mem(4) and kernel_lockdown(7).
enum MemoryRefusal: Hashable, CustomStringConvertible {
    case notBuilt
    case lockedDown
    case notAllowed
    /// With IO_STRICT_DEVMEM the kernel keeps for itself what one of its drivers or the firmware's reservations claim, and
    /// with STRICT_DEVMEM all its memory.
    case busy

    /// - Parameters:
    ///   - failure: of the call that opens or maps the memory.
    ///   - systemRoot: the directory below which /sys is.
    init?(_ failure: SystemCallFailure, systemRoot: String) {
        switch failure.errno {
        case .noSuchFileOrDirectory: self = .notBuilt
        case .notPermitted where Self.isLockedDown(systemRoot): self = .lockedDown
        case .notPermitted where failure.call == "mmap": self = .busy
        case .notPermitted, .permissionDenied: self = .notAllowed
        default: return nil
        }
    }

    /// The mode that is on stands in brackets.
    private static func isLockedDown(_ systemRoot: String) -> Bool {
        let modes = (try? Files.read("\(systemRoot)/sys/kernel/security/lockdown", limit: 256)) ?? []
        let text = String(decoding: modes, as: UTF8.self)
        return text.contains("[integrity]") || text.contains("[confidentiality]")
    }

    var reason: UnusableReason {
        switch self {
        case .notBuilt: .noMemoryDevice
        case .lockedDown: .lockedDown
        case .notAllowed: .notPermitted
        case .busy: .memoryBusy
        }
    }

    var description: String {
        switch self {
        case .notBuilt: "the kernel was built without it"
        case .lockedDown: "the kernel is locked down, and shows its memory to nobody"
        case .notAllowed: "only root may open it, with CAP_SYS_RAWIO"
        case .busy: "the kernel keeps this region for itself, unless it is started with iomem=relaxed"
        }
    }
}
