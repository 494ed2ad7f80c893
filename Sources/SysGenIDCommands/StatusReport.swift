import SysGenID

/// What `status` prints.
struct StatusReport: Sendable {
    var device: String
    var generation: Generation?
    var outdated: Int?
    /// What is published about this device.
    var attributes: PublishedAttributes?

    /// One fact a line, the values aligned.
    var text: String {
        let lines: [(label: String, value: String?)] = [
            ("device", device),
            ("generation", generation?.description),
            ("watchers", attributes?.watchers?.description),
            ("tracked", attributes?.tracked?.description),
            ("outdated", outdated?.description),
            ("backend", attributes?.backend),
            ("frontends", attributes?.frontends?.joined(separator: ", ")),
            ("daemon pid", attributes?.processID?.description),
        ]
        let width = lines.map(\.label.count).max() ?? 0
        return lines.map { label, value in
            let padding = String(repeating: " ", count: width - label.count)
            return "\(label):\(padding)  \(value ?? "unknown")"
        }.joined(separator: "\n")
    }

    var json: JSON {
        .object([
            "device": .string(device),
            "generation": .orNull(generation) { .number(Int($0.rawValue)) },
            "watchers": .orNull(attributes?.watchers) { .number($0) },
            "tracked": .orNull(attributes?.tracked) { .number($0) },
            "outdated": .orNull(outdated) { .number($0) },
            "backend": .orNull(attributes?.backend) { .string($0) },
            "frontends": .orNull(attributes?.frontends) { .array($0.map(JSON.string)) },
            "pid": .orNull(attributes?.processID) { .number(Int($0)) },
        ])
    }
}

extension JSON {
    fileprivate static func orNull<Value>(_ value: Value?, _ known: (Value) -> JSON) -> JSON {
        value.map(known) ?? .null
    }
}
