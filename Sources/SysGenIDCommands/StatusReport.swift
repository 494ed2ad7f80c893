import SysGenID
import SysGenIDJSON

/// What `status` prints.
struct StatusReport: Sendable {
    var device: String
    var generation: Generation?
    var outdated: Int?
    /// What is published about this device.
    var attributes: PublishedAttributes?
    /// Whether it is the device of a container, and not the system's.
    var isOfContainer = false

    /// One fact a line, the values aligned.
    var text: String {
        var lines: [(label: String, value: String?)] = [
            ("device", device),
            ("generation", generation?.description),
            ("watchers", attributes?.watchers?.description),
            ("tracked", attributes?.tracked?.description),
            ("outdated", outdated?.description),
            ("backend", backend),
            ("reseed", reseed),
            ("frontends", attributes?.frontends?.joined(separator: ", ")),
            ("daemon pid", attributes?.processID?.description),
        ]
        if !isOfContainer { lines.insert(("containers", attributes?.containers?.description), at: lines.count - 1) }
        let facts = Output.aligned(lines.map { ($0, $1 ?? "unknown") })
        return
            (facts + list("outdated processes", attributes?.outdatedProcesses)
            + list("last changes", attributes?.changes)).joined(separator: "\n")
    }

    private var backend: String? {
        guard let name = attributes?.backend else { return nil }
        return attributes?.backendReason.map { "\(name) (\($0))" } ?? name
    }

    private var reseed: String? {
        guard let attributes else { return nil }
        guard let reseed = attributes.reseed else { return "none" }
        let remark = reseed.remark.map { " (\($0))" } ?? ""
        return (reseed.isTaken ? "" : "failed, ") + "from \(reseed.sources.joined(separator: " and ")) for generation "
            + "\(reseed.generation) at \(reseed.timestamp)\(remark)"
    }

    /// A line each entry, below a title; nothing where there is none.
    private func list(_ title: String, _ entries: [String]?) -> [String] {
        guard let entries, !entries.isEmpty else { return [] }
        return ["\(title):"] + entries.map { "  \($0)" }
    }

    var json: JSON {
        .object([
            "device": .string(device),
            "generation": .orNull(generation) { .number(Int($0.rawValue)) },
            "watchers": .orNull(attributes?.watchers) { .number($0) },
            "tracked": .orNull(attributes?.tracked) { .number($0) },
            "outdated": .orNull(outdated) { .number($0) },
            "containers": .orNull(attributes?.containers) { .number($0) },
            "outdated_processes": .orNull(attributes?.outdatedProcesses) { .array($0.map(Self.process)) },
            "backend": .orNull(attributes?.backend) { .string($0) },
            "backend_reason": .orNull(attributes?.backendReason) { .string($0) },
            "reseed": .orNull(attributes?.reseed, Self.reseed),
            "frontends": .orNull(attributes?.frontends) { .array($0.map(JSON.string)) },
            "pid": .orNull(attributes?.processID) { .number(Int($0)) },
            "changes": .orNull(attributes?.changes) { .array($0.map(Self.change)) },
        ])
    }

    private static func reseed(_ reseed: PublishedReseed) -> JSON {
        .object([
            "timestamp": .string(reseed.timestamp), "generation": .number(Int(reseed.generation.rawValue)),
            "taken": .boolean(reseed.isTaken), "from": .array(reseed.sources.map(JSON.string)),
            "remark": .orNull(reseed.remark) { .string($0) },
        ])
    }

    /// A number, and the name of a process.
    private static func process(_ line: String) -> JSON {
        let words = line.split(separator: " ", maxSplits: 1).map(String.init)
        return .object([
            "pid": .orNull(words.first.flatMap { Int($0) }) { .number($0) }, "name": .string(words.last ?? ""),
        ])
    }

    /// A time, a generation, and the cause.
    private static func change(_ line: String) -> JSON {
        let words = line.split(separator: " ", maxSplits: 2).map(String.init)
        return .object([
            "timestamp": .string(words.first ?? ""),
            "generation": .orNull(words.dropFirst().first.flatMap { Int($0) }) { .number($0) },
            "cause": .string(words.dropFirst(2).first ?? ""),
        ])
    }
}
