/// Another process, as /proc shows it. See proc(5).
public struct OtherProcess: Hashable, Sendable {
    /// Its number in this process's pid namespace.
    public var id: Int32
    /// What it calls itself, at most 15 characters; what does not print is replaced.
    public var name: String

    /// The process that the thread belongs to; nil where it is gone or cannot be seen.
    public init?(thread: Int32) {
        guard thread > 0, OwnProcess.seesItsNamespace,
            let status = try? Files.read("/proc/\(thread)/status", limit: 1_024)
        else { return nil }
        self.init(status: status)
    }

    /// Reads the contents of a `status` file.
    init?(status: [UInt8]) {
        let fields = StatusFields(status)
        guard let number = fields["Tgid"].flatMap({ Int32(String(decoding: $0, as: UTF8.self)) }),
            let name = fields["Name"]
        else { return nil }
        id = number
        self.name = String(decoding: name.map { (0x21...0x7e).contains($0) ? $0 : UInt8(ascii: "?") }, as: UTF8.self)
    }
}
