/// What the page in the layout of a vmclock costs a trigger: a daemon that has one beside one that has none, since it serves no
/// containers.
struct ClockFigures {
    private let bench: Bench
    /// How often each is measured in a round, in turns: what disturbs one for longer than that disturbs the other, too.
    private var turns: Int { bench.options.isQuick ? 3 : 20 }
    private static let count = "2000"

    init(_ bench: Bench) {
        self.bench = bench
    }

    func measure() throws -> [Line] {
        let with = try bench.serve(by: .sysgenidd)
        defer { with.end() }
        let without = try bench.serve(by: .sysgenidd, named: "without-clock", options: ["--max-containers", "0"])
        defer { without.end() }
        return try [Processors.one, .two].map { processors in
            var samples = Samples()
            for round in 1...bench.options.rounds {
                bench.tell("a trigger with and without a vmclock's page, round \(round) of \(bench.options.rounds)")
                for turn in 0..<turns {
                    // Whoever comes first in one turn comes second in the next.
                    for isWith in turn.isMultiple(of: 2) ? [true, false] : [false, true] {
                        let path = isWith ? with.path : without.path
                        let value = try bench.measure(processors, ["round-trip", "trigger", path, Self.count])
                        if isWith { samples.sysgenidd.append(value) } else { samples.floor.append(value) }
                    }
                }
            }
            return Line(
                figure: "`trigger` round trip, beside one without a vmclock's page", processors: processors,
                unit: .nanoseconds, floor: median(samples.floor), sysgenidd: median(samples.sysgenidd),
                ratio: Samples.ratio(samples.sysgenidd, to: samples.floor), goal: .ratio(1.03))
        }
    }
}
