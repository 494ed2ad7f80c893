/// One uevent, as the kernel sends it over netlink: `ACTION@DEVPATH`, then assignments `KEY=VALUE`, each ended by
/// a zero. See kobject_uevent_env in lib/kobject_uevent.c of the kernel.
struct KernelEventMessage: Hashable {
    struct Assignment: Hashable {
        var key: [UInt8]
        /// May be empty, and may hold a `=`.
        var value: [UInt8]
    }

    /// What happened, as `add` or `change`.
    var action: [UInt8]
    /// The device's directory below /sys.
    var devicePath: [UInt8]
    var assignments: [Assignment]

    /// Parses a whole message; nil where it has another form.
    init?(_ message: some Collection<UInt8>) {
        let fields = message.split(separator: 0, omittingEmptySubsequences: false)
        // What is behind the last zero.
        guard let end = fields.last, end.isEmpty, let header = fields.first,
            let (action, devicePath) = Self.parts(of: header, around: UInt8(ascii: "@")),
            devicePath.first == UInt8(ascii: "/")
        else { return nil }
        assignments = []
        for field in fields.dropFirst().dropLast() {
            guard let (key, value) = Self.parts(of: field, around: UInt8(ascii: "=")) else { return nil }
            assignments.append(Assignment(key: key, value: value))
        }
        self.action = action
        self.devicePath = devicePath
    }

    /// Whether the kernel says that it noticed another VM generation ID (vmgenid_notify in
    /// drivers/virt/vmgenid.c of Linux 6.8, and of no other).
    ///
    /// Who asks for an event through /sys may add assignments, but the kernel puts `SYNTH_ARG_` before their keys.
    var isVirtualMachineFork: Bool {
        assignments.contains { $0.key.elementsEqual("NEW_VMGENID".utf8) && $0.value == [UInt8(ascii: "1")] }
    }

    /// What is before the first separator and what is behind it; nil where it is missing, or nothing before it.
    private static func parts(of field: some Collection<UInt8>, around separator: UInt8) -> ([UInt8], [UInt8])? {
        guard let place = field.firstIndex(of: separator), place != field.startIndex else { return nil }
        return (Array(field[..<place]), Array(field[place...].dropFirst()))
    }
}
