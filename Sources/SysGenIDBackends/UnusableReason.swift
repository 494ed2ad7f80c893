internal import SysGenIDSystem

/// Why a backend cannot be used, for programs that look at many machines: the name of a kind, whose words are for people.
/// The names stay as they are. docs/monitoring.md has them all.
public enum UnusableReason: String, CaseIterable, Hashable, Sendable {
    /// The backend needs a file, and none is named.
    case noFileNamed = "no-file-named"
    /// What would show the device is not there: ACPI tables, a device tree, a driver of the kernel.
    case noInterface = "no-interface"
    /// The hypervisor offers no such device, or the kernel sees none.
    case noDevice = "no-device"
    /// The tables have the device, and say, or the kernel says, that it is not there.
    case notPresent = "not-present"
    /// No device was found, and not everything could be read that may have one.
    case notAllSearched = "not-all-searched"
    /// There are several devices, which contradict each other.
    case ambiguous
    /// What is read has another form than it must have.
    case damaged
    /// It is more than any sound machine has.
    case tooMuch = "too-much"
    /// The device is there, and its address cannot be made out.
    case addressUnknown = "address-unknown"
    /// The identity cannot lie at its address.
    case addressRefused = "address-refused"
    /// The firmware has not placed the identity.
    case notPlaced = "not-placed"
    /// The identity is all zeros or ones: the hypervisor has given none.
    case empty
    /// It is never the same twice in a row, or always being written.
    case unsteady
    /// The vmclock has no generation counter.
    case noCounter = "no-counter"
    /// It is of a version that is not known.
    case unknownVersion = "unknown-version"
    /// The kernel was built without /dev/mem.
    case noMemoryDevice = "no-dev-mem"
    /// The kernel is locked down, and shows its memory to nobody. See kernel_lockdown(7).
    case lockedDown = "locked-down"
    /// The kernel keeps the region of memory for itself.
    case memoryBusy = "memory-busy"
    /// It takes more rights than the daemon has.
    case notPermitted = "not-permitted"
    /// The kernel has dropped lines of its log unread.
    case logOverrun = "log-overrun"
    /// It cannot be read for another reason.
    case unreadable

    /// What a failure to read comes to.
    init(_ failure: SystemCallFailure) {
        self =
            switch failure.errno {
            case .notPermitted, .permissionDenied: .notPermitted
            case .overflow: .tooMuch
            default: .unreadable
            }
    }
}
