internal import SysGenIDSystem

/// What gives reason to look at the identity at once. Nothing of it is a resume by itself, but for the kernel's
/// own word where no identity can be read.
struct Triggers {
    private let kernelLog: KernelLog?
    private let events: KernelEvents?
    private let clock: ClockSetNotice?

    /// Opens what the machine has; each is left out where it cannot be had.
    init(systemRoot: String) {
        kernelLog = try? KernelLog(systemRoot: systemRoot)
        events = try? KernelEvents()
        clock = try? ClockSetNotice()
    }

    /// Readable when there is something to take.
    var descriptors: [CInt] {
        [kernelLog?.descriptor, events?.descriptor, clock?.descriptor].compactMap(\.self)
    }

    /// Takes what has come.
    ///
    /// - Returns: whether the kernel has said that this system was resumed as another one.
    func take() -> Bool {
        clock?.clear()
        let messages = events?.take() ?? []
        let records = kernelLog?.take() ?? []
        return messages.contains { KernelEventMessage($0)?.isVirtualMachineFork == true }
            || records.contains { KernelLogRecord($0)?.isVirtualMachineFork == true }
    }
}
