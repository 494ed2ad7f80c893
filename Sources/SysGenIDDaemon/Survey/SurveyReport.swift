internal import SysGenIDBackends
internal import SysGenIDJSON
internal import SysGenIDSystem

/// What this machine offers and what would be chosen, for people and for programs. docs/monitoring.md has the members of
/// the object; they stay as they are.
struct SurveyReport: Sendable {
    /// Whether one thing can be used.
    struct Finding: Sendable {
        var name: String
        /// Why it cannot be used; nil where it can.
        var reason: String?
        /// What there is to say of it.
        var words: String?

        var isUsable: Bool { reason == nil }
    }

    /// What to know of the time that the kernel gives requests.
    struct RequestLimit: Sendable {
        /// In seconds, as is the next one.
        var limit: UInt32
        var longestWait: UInt32
        var words: String
    }

    /// The frontends that would serve; none where nothing can.
    struct Choice: Sendable {
        var frontends: [String]
        /// nil where the one that is asked for cannot be used.
        var backend: String?
        var reason: String?
        /// Why there is no backend.
        var words: String?
    }

    /// The release; nil where it cannot be read.
    var kernel: String?
    var kernelWords: String
    /// Its name is the path.
    var device: Finding
    var frontends: [Finding]
    /// Its name is how the device can be mapped.
    var mapping: Finding
    /// Its name is the directory of devices.
    var containers: Finding
    var requests: RequestLimit?
    /// Its name is the path of the device that the host's bytes come from.
    var entropy: Finding
    var backends: [Finding]
    var choice: Choice

    /// Whether something can be served.
    var canServe: Bool { !choice.frontends.isEmpty && device.isUsable }

    /// The backend that would notice a resume; nil where nothing would.
    var noticingBackend: String? { choice.backend == BackendCatalogue.noticesNothing ? nil : choice.backend }

    // MARK: - For people

    var text: String {
        var lines = [
            "kernel      \(kernelWords)",
            "device      \(device.isUsable ? device.name : "no: \(device.words ?? "")")",
            "frontends",
        ]
        lines += frontends.map(\.line)
        lines.append("mmap        \(mapping.isUsable ? "" : "no: ")\(mapping.words ?? "")")
        lines.append("containers  \(containers.isUsable ? "" : "no devices of their own: ")\(containers.words ?? "")")
        if let requests { lines.append("requests    \(requests.words)") }
        lines.append("entropy     \(entropy.words ?? "")")
        lines.append("backends")
        lines += backends.map(\.line)
        let frontends = choice.frontends.isEmpty ? "none" : choice.frontends.joined(separator: " and ")
        lines.append("chosen      frontend \(frontends), backend \(choice.backend ?? "none (\(choice.words ?? ""))")")
        return lines.joined(separator: "\n")
    }

    // MARK: - For programs

    var json: JSON {
        .object([
            "version": .string(Release.version),
            "can_serve": .boolean(canServe),
            "kernel": .orNull(kernel, JSON.string),
            "device": device.json(named: "path"),
            "frontends": .array(frontends.map { $0.json() }),
            "mmap": mapping.json(named: "by"),
            "containers": containers.json(named: "path"),
            "requests": .orNull(requests) { requests in
                .object([
                    "limit_seconds": .number(Int(requests.limit)),
                    "longest_wait_seconds": .number(Int(requests.longestWait)),
                    "text": .string(requests.words),
                ])
            },
            "entropy": entropy.json(named: "path"),
            "backends": .array(backends.map { $0.json() }),
            "chosen": .object([
                "frontends": .array(choice.frontends.map(JSON.string)),
                "backend": .orNull(choice.backend, JSON.string),
                "reason": .orNull(choice.reason, JSON.string),
                "text": .orNull(choice.words, JSON.string),
            ]),
            "noticed_by": .orNull(noticingBackend, JSON.string),
        ])
    }
}

extension SurveyReport.Finding {
    fileprivate var line: String {
        let padding = String(repeating: " ", count: max(1, 12 - name.count))
        let answer = isUsable ? "yes" : "no"
        return "  \(name)\(padding)\(words.map { "\(answer): \($0)" } ?? answer)"
    }

    fileprivate func json(named key: String = "name") -> JSON {
        .object([
            key: .string(name), "usable": .boolean(isUsable), "reason": .orNull(reason, JSON.string),
            "text": .orNull(words, JSON.string),
        ])
    }
}
