/// How long after a resume the page still shows the generation before it, with a transport that costs microseconds: a
/// vmclock that is played by a FUSE file. The floor waits for one of its own, so that each is woken alone. In the place of the
/// C daemon is a process in C that does what the floor does, and has the kernel reseeded before.
struct WindowFigures {
    private let bench: Bench
    /// As the unit has it; the clocks, which the kernel serves otherwise, come before.
    private static let priority = 1

    init(_ bench: Bench) {
        self.bench = bench
    }

    private static let figures: [(name: String, percentile: Int, load: String, limit: Double)] = [
        ("resume to mapped page, by `vmclock`, the median", 50, "quiet", 1.2),
        ("resume to mapped page, by `vmclock`, with all processors busy, the median", 50, "busy", 1.2),
        ("resume to mapped page, by `vmclock`, with all processors busy, 99 of 100", 99, "busy", 2),
    ]

    func measure() throws -> [Line] {
        let clocks = try ["floor", "daemon"].map {
            try bench.serve(by: .playedClock, named: "clock-of-\($0)", priority: Self.priority + 1)
        }
        defer { clocks.forEach { $0.end() } }
        let machine = try PlayedMachine(in: bench, named: "window")
        try machine.addClock(clocks[1])
        let device = try bench.serve(
            by: .sysgenidd, priority: Self.priority, options: machine.options("vmclock"))
        defer { device.end() }
        var samples = Array(repeating: Samples(), count: Self.figures.count)
        for round in 1...bench.options.rounds {
            bench.tell("the window, round \(round) of \(bench.options.rounds)")
            for (index, figure) in Self.figures.enumerated() {
                func take(_ clock: ServedDevice, _ path: String) throws -> Double {
                    let count = bench.options.isQuick ? "100" : "1000"
                    return try bench.measure(
                        .two, ["window", clock.path, path, "\(figure.percentile)", figure.load, count])
                }
                samples[index].floor.append(try take(clocks[0], "-"))
                samples[index].cDaemon.append(try take(clocks[0], "reseed"))
                samples[index].sysgenidd.append(try take(clocks[1], device.path))
            }
        }
        return zip(Self.figures, samples).map { figure, samples in
            samples.line(figure.name, .two, goal: .ratio(figure.limit))
        }
    }
}
