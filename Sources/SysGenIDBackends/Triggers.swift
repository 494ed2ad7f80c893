internal import SysGenIDSystem

/// What gives reason to look at the identities at once. Nothing of it is a resume by itself.
struct Triggers {
    private let events: KernelEvents?
    private let clock: ClockSetNotice?

    /// Opens what the machine has; each is left out where it cannot be had.
    init() {
        events = try? KernelEvents()
        clock = try? ClockSetNotice()
    }

    /// Readable when there is something to take.
    var descriptors: [CInt] {
        [events?.descriptor, clock?.descriptor].compactMap(\.self)
    }

    /// Takes what has come; whether it gives reason to look.
    func take() -> Bool {
        let isSet = clock?.take() ?? false
        let messages = events?.take() ?? []
        return isSet || messages.contains { KernelEventMessage($0)?.isVirtualMachineFork == true }
    }
}
