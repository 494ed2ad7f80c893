import SysGenID
import SysGenIDJSON

/// One container's device, as `container list` prints it.
struct ContainerReport: Sendable {
    var entry: ContainerDevices.Entry

    init(_ entry: ContainerDevices.Entry) {
        self.entry = entry
    }

    func line(asJSON: Bool) -> String {
        guard asJSON else {
            let generation = entry.generation?.description ?? "unknown"
            return "\(entry.name) \(generation) \(entry.userID):\(entry.groupID)"
        }
        return JSON.object([
            "name": .string(entry.name.description),
            "generation": .orNull(entry.generation) { .number(Int($0.rawValue)) },
            "uid": .number(Int(entry.userID)),
            "gid": .number(Int(entry.groupID)),
        ]).text
    }
}
