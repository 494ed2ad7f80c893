internal import SysGenIDBackends

extension Attributes {
    /// The same figures in the text format of Prometheus, for the node exporter's textfile collector.
    var metrics: String {
        let names = frontends.joined(separator: ",")
        return [
            Self.metric("generation", "gauge", "Current system generation.", [("", "\(generation)")]),
            Self.figure("watchers", "Open files of the device.", watchers.all),
            Self.figure("tracked_watchers", "Open files that overseers wait for.", watchers.tracked),
            Self.figure(
                "outdated_watchers", "Open files that have not acknowledged the current generation.",
                watchers.outdated),
            Self.metric(
                "containers", "gauge", "Containers that have a device of their own.", [("", "\(containers)")]),
            clock.map {
                Self.metric(
                    "vmclock_generation", "gauge",
                    "Counter that the page in the layout of a vmclock shows: exact to 53 bits, as all values here.",
                    [("", "\($0.counter)")])
            },
            clock.map {
                Self.metric(
                    "vmclock_clock_valid", "gauge", "1 where that page shows the clock of the hypervisor.",
                    [("", $0.hasClock ? "1" : "0")])
            },
            Self.metric(
                "changes_total", "counter", "Changes since the daemon started.",
                [("{cause=\"resume\"}", "\(changes.resumes)"), ("{cause=\"trigger\"}", "\(changes.triggers)")]),
            Self.metric(
                "last_change_timestamp_seconds", "gauge", "When the last change was made; 0 before the first.",
                [("", "\(changes.last.last?.moment ?? 0)")]),
            Self.metric(
                "reseeds_total", "counter",
                "Reseeds of the kernel's random pool for a change, from what, and whether the kernel took it.",
                [(true, true), (false, true), (true, false), (false, false)].map { hasHostEntropy, isTaken in
                    let sources = hasHostEntropy ? "identity,host" : "identity"
                    let count = changes.reseeds[hasHostEntropy: hasHostEntropy, isTaken: isTaken]
                    return ("{from=\"\(sources)\",taken=\"\(isTaken ? "yes" : "no")\"}", "\(count)")
                }),
            Self.metric(
                "last_reseed_failed", "gauge", "1 where the kernel has not taken the last reseed for a change.",
                [("", reseed?.hasFailed == true ? "1" : "0")]),
            Self.metric(
                "page_overwrites_total", "counter",
                "Times since the daemon started that a process had written to the counter page.",
                [("", "\(changes.pageOverwrites)")]),
            Self.metric(
                "resume_noticed_by", "gauge", "1 for the backend by which a resume would be noticed.",
                BackendChoice.noticing.map { name in ("{backend=\"\(name)\"}", name == noticingBackend ? "1" : "0") }),
            Self.metric(
                "resume_unnoticed", "gauge", "1 where nothing would notice a resume.",
                [("", noticingBackend == nil ? "1" : "0")]),
            Self.metric(
                "info", "gauge", "How the device is served.",
                [("{backend=\"\(backend)\",frontends=\"\(names)\"}", "1")]),
        ].compactMap(\.self).joined(separator: "\n")
    }

    /// A figure that is not known is left out.
    private static func figure(_ name: String, _ help: String, _ value: Int?) -> String? {
        value.map { metric(name, "gauge", help, [("", "\($0)")]) }
    }

    /// The backend that would notice a resume; nil where nothing would.
    private var noticingBackend: String? {
        backend == BackendCatalogue.noticesNothing || isBackendFailing ? nil : backend
    }

    /// - Parameter samples: labels and values.
    private static func metric(
        _ name: String, _ type: String, _ help: String, _ samples: [(labels: String, value: String)]
    ) -> String {
        let lines = samples.map { "sysgenid_\(name)\($0.labels) \($0.value)" }
        return (["# HELP sysgenid_\(name) \(help)", "# TYPE sysgenid_\(name) \(type)"] + lines)
            .joined(separator: "\n")
    }
}
