import SysGenIDCore
import SysGenIDFuse

extension DeviceNode {
    var isDirectory: Bool {
        switch self {
        case .root, .containers, .directory: true
        case .file, .clock: false
        }
    }

    /// What is in it, behind an offset that one of the entries has told.
    ///
    /// - Parameter containers: those from a place of the table on, or some of them.
    func entries(
        from offset: Int64, containers: (Int) -> [(slot: Int, id: DeviceID, name: String)]
    ) -> some Sequence<DirectoryEntry> {
        let start = max(0, Int(offset) - Self.firstOffset)
        let entries: [(name: String, node: DeviceNode, offset: Int)] =
            switch self {
            case .root:
                [
                    (Self.fileName, .file(of: .system), 1), (Self.clockName, .clock(of: .system), 2),
                    (Self.containersName, .containers, 3),
                ]
            case .directory(let device):
                [(Self.fileName, .file(of: device), 1), (Self.clockName, .clock(of: device), 2)]
            case .containers: containers(start).map { ($0.name, .directory(of: $0.id), $0.slot + 1) }
            case .file, .clock: []
            }
        let own = [(".", self, 1 - Self.firstOffset), ("..", DeviceNode.root, 2 - Self.firstOffset)] + entries
        return own.lazy.map { entry in
            DirectoryEntry(
                name: entry.0, node: entry.1.number, isDirectory: entry.1.isDirectory,
                offset: Int64(entry.2 + Self.firstOffset))
        }.filter { $0.offset > offset }
    }

    /// Behind those of the directory itself and the one above.
    private static let firstOffset = 2
}
