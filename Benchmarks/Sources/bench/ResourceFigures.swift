import Foundation

/// The figures that are not times of a request: memory, processor time at rest, and the start.
struct ResourceFigures {
    private let bench: Bench
    private let watchers = 10_000

    init(_ bench: Bench) {
        self.bench = bench
    }

    func measure() throws -> [Line] {
        bench.tell("memory and processor time")
        let (ours, reference) = (try usage(of: .sysgenidd), try usage(of: .cDaemon))
        func line(_ figure: String, _ unit: Line.Unit, _ value: (Usage) -> Double, goal: Line.Goal?) -> Line {
            Line(figure: figure, unit: unit, sysgenidd: value(ours), cDaemon: value(reference), goal: goal)
        }
        return [
            line("processor time at rest, with \(watchers) watchers", .percent, \.processorTime, goal: .value(0.1)),
            line("memory of the whole daemon", .kibibytes, \.emptyKilobytes, goal: .value(12 * 1_024)),
            line("memory for each watcher", .bytes, \.bytesEach, goal: .value(300)),
            line("memory for each watcher that is blocked in `read`", .bytes, \.bytesEachBlocked, goal: nil),
            try start(),
        ]
    }

    private struct Usage {
        var emptyKilobytes: Double
        var bytesEach: Double
        var bytesEachBlocked: Double
        var processorTime: Double
    }

    private func usage(of server: Server) throws -> Usage {
        let seconds = bench.options.isQuick ? 3 : 20
        var usage = Usage(emptyKilobytes: 0, bytesEach: 0, bytesEachBlocked: 0, processorTime: 0)
        usage.bytesEach = try growth(by: "open", of: server) { device, empty in
            usage.emptyKilobytes = empty
            usage.processorTime = try bench.measure(
                .two, ["processor-time", "\(device.daemon.processID)", "\(seconds)"])
        }
        usage.bytesEachBlocked = try growth(by: "blocked", of: server) { _, _ in }
        return usage
    }

    /// How many bytes each of many watchers adds to a fresh daemon.
    ///
    /// - Parameter whileHeld: is given the device, and the kilobytes of the daemon without watchers.
    private func growth(
        by kind: String, of server: Server, _ whileHeld: (ServedDevice, Double) throws -> Void
    ) throws -> Double {
        let device = try bench.serve(by: server)
        defer { device.end() }
        let empty = try device.residentKilobytesAtRest
        let holder = try hold(kind, device)
        defer { holder.terminate() }
        let full = try device.residentKilobytes
        try whileHeld(device, empty)
        return (full - empty) * 1_024 / Double(watchers)
    }

    private func hold(_ kind: String, _ device: ServedDevice) throws -> Program {
        let holder = try bench.start(.two, ["hold", kind, device.path, "\(watchers)"])
        guard try holder.line() == "ready" else { throw Failure("\(watchers) watchers cannot be held") }
        // What is published follows with the next look around.
        usleep(200_000)
        return holder
    }

    /// The C program is the floor here.
    private func start() throws -> Line {
        var (ours, reference): ([Double], [Double]) = ([], [])
        for _ in 0..<(bench.options.isQuick ? 5 : 20) {
            for (server, add) in [(Server.cDaemon, { reference.append($0) }), (.sysgenidd, { ours.append($0) })] {
                let path = "\(bench.folder)/start-\(server.rawValue)"
                add(try bench.measure(.one, ["start"] + server.command(in: bench, at: path)))
            }
        }
        return Line(
            figure: "start, from exec to READY", processors: .one, unit: .nanoseconds, floor: median(reference),
            sysgenidd: median(ours), cDaemon: median(reference), ratio: Samples.ratio(ours, to: reference),
            cRatio: 1, goal: .ratio(2))
    }
}
