/// The figures that are times. In each round the floor and both daemons are measured one after the other.
struct TimedFigures {
    private let bench: Bench
    private var isQuick: Bool { bench.options.isQuick }

    init(_ bench: Bench) {
        self.bench = bench
    }

    /// A figure, and how `measure` takes it and its floor.
    private struct Figure {
        var name: String
        var processors: Processors
        var limit: Double
        var floor: [String]
        var device: (_ path: String) -> [String]
        var sleepers: (kind: String, count: Int)?
    }

    func measure() throws -> [Line] {
        let ours = try bench.serve(by: .sysgenidd)
        defer { ours.end() }
        let reference = try bench.serve(by: .cDaemon)
        defer { reference.end() }
        let figures = plainFigures + wakingFigures
        var samples = Array(repeating: Samples(), count: figures.count)
        for round in 1...bench.options.rounds {
            bench.tell("round \(round) of \(bench.options.rounds)")
            for (index, figure) in figures.enumerated() {
                samples[index].floor.append(try bench.measure(figure.processors, figure.floor))
                samples[index].sysgenidd.append(try bench.measure(figure.processors, figure.device(ours.path)))
                samples[index].cDaemon.append(try bench.measure(figure.processors, figure.device(reference.path)))
            }
        }
        let lines = zip(figures, samples).map { $1.line($0.name, $0.processors, goal: .ratio($0.limit)) }
        return lines + growth(figures, samples)
    }

    private var plainFigures: [Figure] {
        let loads = isQuick ? "20000000" : "200000000"
        let changes = isQuick ? "100" : "500"
        var figures = [
            Figure(name: "load of the mapped generation", processors: .one, limit: 1.05, floor: ["load", "-", loads]) {
                ["load", $0, loads]
            },
            Figure(name: "look at both pages", processors: .one, limit: 1.05, floor: ["mark", "-", loads]) {
                ["mark", $0, loads]
            },
            Figure(
                name: "change to mapped page", processors: .two, limit: 1.5, floor: ["change", "-", changes]
            ) { ["change", $0, changes] },
        ]
        for (kind, one, two) in [("read", 1.55, 1.08), ("write", 1.65, 1.08), ("trigger", 2.5, 1.2)] {
            for processors in [Processors.one, .two] {
                let count = isQuick ? "1000" : kind == "trigger" ? "4000" : "20000"
                figures.append(
                    Figure(
                        name: "`\(kind)` round trip", processors: processors, limit: processors == .one ? one : two,
                        floor: ["round-trip", "ping-pong", "-", count]
                    ) { ["round-trip", kind, $0, count] })
            }
        }
        return figures
    }

    private var wakingFigures: [Figure] {
        var figures: [Figure] = []
        for (kind, name, limit) in [("read", "blocked in `read`", 1.5), ("epoll", "waiting in `epoll`", 2.0)] {
            for sleepers in isQuick ? [1, 100, 1_000] : [1, 100, 1_000, 10_000] {
                for processors in [Processors.one, .two] {
                    let count = "\(max(3, (isQuick ? 20 : 50) / sleepers))"
                    figures.append(
                        Figure(
                            name: "change wakes \(sleepers) \(name)", processors: processors, limit: limit,
                            floor: ["wake", kind, "-", "\(sleepers)", count],
                            device: { ["wake", kind, $0, "\(sleepers)", count] },
                            sleepers: (name, sleepers)))
                }
            }
        }
        return figures
    }

    /// How many times longer it takes to wake the most than to wake a hundred, for each that are more: 1 is in
    /// proportion to their number. The floor grows a little faster than that, so it is the measure here, too.
    private func growth(_ figures: [Figure], _ samples: [Samples]) -> [Line] {
        let taken = zip(figures, samples).filter { $0.0.sleepers != nil }
        return taken.compactMap { few, samplesOfFew in
            guard few.sleepers?.count == 100 else { return nil }
            let alike = taken.filter { $0.0.sleepers?.kind == few.sleepers?.kind && $0.0.processors == few.processors }
            guard let (many, samplesOfMany) = alike.max(by: { $0.0.sleepers!.count < $1.0.sleepers!.count }) else {
                return nil
            }
            let proportion = Double(many.sleepers!.count) / 100
            func growth(_ values: KeyPath<Samples, [Double]>) -> Double {
                median(samplesOfMany[keyPath: values]) / median(samplesOfFew[keyPath: values]) / proportion
            }
            let (floor, ours, reference) = (growth(\.floor), growth(\.sysgenidd), growth(\.cDaemon))
            return Line(
                figure: "growth from 100 to \(many.sleepers!.count) \(few.sleepers!.kind), for each",
                processors: few.processors, unit: .factor, floor: floor, sysgenidd: ours, cDaemon: reference,
                ratio: ours / floor, cRatio: reference / floor, goal: .ratio(1.1))
        }
    }
}
