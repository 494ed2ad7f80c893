/// The lines of a `status` file of /proc, by their names. See proc_pid_status(5).
struct StatusFields {
    private let lines: [ArraySlice<UInt8>]

    init(_ contents: [UInt8]) {
        lines = contents.split(separator: UInt8(ascii: "\n"))
    }

    /// What stands behind the name, a colon and a tab; nil where there is no such line.
    subscript(name: String) -> ArraySlice<UInt8>? {
        let start = Array("\(name):\t".utf8)
        return lines.first { $0.starts(with: start) }?.dropFirst(start.count)
    }
}
