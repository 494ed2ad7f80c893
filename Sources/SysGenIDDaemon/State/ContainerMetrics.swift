internal import SysGenIDFrontends

/// The figures of containers' devices in the text format of Prometheus. There may be thousands of them, so they are put
/// together as bytes, and are a file of their own: whoever does not want them leaves it alone.
struct ContainerMetrics {
    static let fileName = "containers.prom"
    private let figures: [ContainerFigures]

    init(_ figures: [ContainerFigures]) {
        self.figures = figures
    }

    private struct Metric: Sendable {
        var name: String
        var type: String
        var help: String
        var value: @Sendable (ContainerFigures) -> Int
    }

    private static let metrics = [
        Metric(name: "generation", type: "gauge", help: "Current generation of the container's device.") {
            Int($0.generation.rawValue)
        },
        Metric(name: "watchers", type: "gauge", help: "Open files of the container's device.") { $0.census.watchers },
        Metric(
            name: "tracked_watchers", type: "gauge",
            help: "Open files of the container's device that overseers wait for."
        ) { $0.census.tracked },
        Metric(
            name: "outdated_watchers", type: "gauge",
            help: "Open files of the container's device that have not acknowledged its generation."
        ) { $0.census.outdated },
        Metric(
            name: "page_overwrites_total", type: "counter",
            help: "Times since the daemon started that a process had written to the page of the container's device."
        ) { Int($0.pageOverwrites) },
    ]

    /// The contents of the file, with the newline at its end. A name needs no quoting: see `DeviceName`.
    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        let nameLength = figures.reduce(0) { $0 + $1.name.utf8.count }
        bytes.reserveCapacity(Self.metrics.count * (256 + nameLength + 64 * figures.count))
        for metric in Self.metrics {
            let name = "sysgenid_container_\(metric.name)"
            bytes += "# HELP \(name) \(metric.help)\n# TYPE \(name) \(metric.type)\n".utf8
            let start = Array("\(name){container=\"".utf8)
            for figure in figures {
                bytes += start
                bytes += figure.name.utf8
                bytes += Self.middle
                bytes += String(metric.value(figure)).utf8
                bytes.append(UInt8(ascii: "\n"))
            }
        }
        return bytes
    }

    private static let middle = Array("\"} ".utf8)
}
