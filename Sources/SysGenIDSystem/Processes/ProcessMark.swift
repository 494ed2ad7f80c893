/// A process, told from others that had its number, or will have it, by when it was started.
public struct ProcessMark: Hashable, Sendable {
    /// Its number in this process's pid namespace.
    public let id: Int32
    /// In ticks since the boot. See proc_pid_stat(5).
    public let startTime: UInt64

    public init(id: Int32, startTime: UInt64) {
        self.id = id
        self.startTime = startTime
    }

    /// The process that has the number now, be it a zombie; nil where there is none, or none that can be seen.
    public init?(of id: Int32) {
        guard OwnProcess.seesItsNamespace, let contents = try? Files.read("/proc/\(id)/stat", limit: 4_096),
            let startTime = Self.startTime(stat: contents)
        else { return nil }
        self.init(id: id, startTime: startTime)
    }

    /// Ends all of the process group that has its number, where the process is still there. See kill(2).
    public func endGroup() {
        if ProcessMark(of: id) == self { ChildProcess(knownAs: id).endGroup() }
    }

    /// Reads the time from a `stat` file, whose second field is a name that may have anything in it; nil where it is none.
    static func startTime(stat: [UInt8]) -> UInt64? {
        guard let end = stat.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let fields = stat[(end + 1)...].split(separator: UInt8(ascii: " "))
        // The twenty-second field; the third is the first behind the name.
        return fields.count > 19 ? UInt64(String(decoding: fields[19], as: UTF8.self)) : nil
    }
}
