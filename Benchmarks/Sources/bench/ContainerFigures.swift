import Foundation

/// The figures of a host with very many containers, each with a device of its own.
struct ContainerFigures {
    private let bench: Bench
    private var count: Int { bench.options.isQuick ? 256 : 4_096 }
    private let watchersEach = 4

    init(_ bench: Bench) {
        self.bench = bench
    }

    func measure() throws -> [Line] {
        try times() + [memory()]
    }

    /// What a container may take of the daemon's memory beside its page, in bytes.
    static let memoryLimit = 8_192.0

    /// How many bytes each container adds to a fresh daemon, without its page.
    func memoryEach() throws -> Double {
        let device = try bench.serve(by: .sysgenidd)
        defer { device.end() }
        let empty = try device.residentKilobytesAtRest
        let holder = try bench.start(.two, ["hold", "containers", device.devicesDirectory, "\(count)"])
        defer { holder.terminate() }
        guard try holder.line() == "ready" else { throw Failure("\(count) containers cannot be made") }
        // What is published follows with the next look around.
        usleep(2_000_000)
        return try (device.residentKilobytes - empty) * 1_024 / Double(count) - Double(getpagesize())
    }

    private func memory() throws -> Line {
        bench.tell("memory of containers")
        return Line(
            figure: "memory for each of \(count) containers, beside its page", unit: .bytes,
            sysgenidd: try memoryEach(), goal: .value(Self.memoryLimit))
    }

    /// A figure, and how `measure` takes it of the directory of devices, or of the floor in its place.
    private struct Figure {
        var name: String
        var limit: Double
        var arguments: (_ path: String) -> [String]
    }

    private var figures: [Figure] {
        let (count, watchersEach) = (count, watchersEach)
        let publication = Figure(name: "a change's first page to the last, of \(count) containers", limit: 20) {
            ["publish", $0, "\(count)", "20"]
        }
        let waking = [("read", "blocked in `read`", 1.5), ("epoll", "waiting in `epoll`", 2)].map { kind, name, limit in
            Figure(name: "change wakes \(watchersEach) \(name) of each of \(count) containers", limit: limit) {
                ["wake", kind, $0, "\(watchersEach * count)", "3"]
            }
        }
        return [publication] + waking
    }

    private func times() throws -> [Line] {
        let device = try bench.serve(by: .sysgenidd)
        defer { device.end() }
        let figures = figures
        var samples = Array(repeating: Samples(), count: figures.count)
        for round in 1...bench.options.rounds {
            bench.tell("containers, round \(round) of \(bench.options.rounds)")
            for (index, figure) in figures.enumerated() {
                samples[index].floor.append(try bench.measure(.two, figure.arguments("-")))
                samples[index].sysgenidd.append(try bench.measure(.two, figure.arguments(device.devicesDirectory)))
            }
        }
        return zip(figures, samples).map { figure, samples in
            Line(
                figure: figure.name, processors: .two, unit: .nanoseconds, floor: median(samples.floor),
                sysgenidd: median(samples.sysgenidd), ratio: Samples.ratio(samples.sysgenidd, to: samples.floor),
                goal: .ratio(figure.limit))
        }
    }
}
