import Foundation

/// What a request for random bytes costs a program with the provider for OpenSSL. The floor is OpenSSL's own generator,
/// which asks the kernel seldom, and which two clones draw the same bytes from.
struct OpenSSLFigures {
    private let bench: Bench

    init(_ bench: Bench) {
        self.bench = bench
    }

    /// The sizes of requests: what programs draw most, for keys and for nonces, and the most that they draw at once.
    private static let goals: [(bytes: Int, goal: Double)] = [(16, 1), (32, 1), (8_192, 1 / 0.9)]

    func measure() throws -> [Line] {
        let device = try bench.serve(by: .sysgenidd)
        defer { device.end() }
        let configuration = try configuration(for: device)
        var samples = Array(repeating: Samples(), count: Self.goals.count)
        for round in 1...bench.options.rounds {
            bench.tell("OpenSSL, round \(round) of \(bench.options.rounds)")
            let sizes = Self.goals.map { "\($0.bytes)" }
            let program = try Program(bench.path(of: "openssl-requests"), [configuration] + sizes)
            for index in samples.indices {
                let line = try program.line()
                let values = line.split(separator: " ").compactMap { Double($0) }
                guard values.count == 3, Int(values[0]) == Self.goals[index].bytes else {
                    throw Failure("'\(line)' is no cost of a request")
                }
                samples[index].sysgenidd.append(values[1])
                samples[index].floor.append(values[2])
            }
            try program.finish()
        }
        return zip(Self.goals, samples).map { size, samples in
            Line(
                figure: "\(size.bytes) random bytes by OpenSSL", processors: nil, unit: .nanoseconds,
                floor: median(samples.floor), sysgenidd: median(samples.sysgenidd), cDaemon: nil,
                ratio: Samples.ratio(samples.sysgenidd, to: samples.floor), cRatio: nil, goal: .ratio(size.goal))
        }
    }

    private func configuration(for device: ServedDevice) throws -> String {
        let path = "\(bench.folder)/openssl.cnf"
        try """
        openssl_conf = start
        [start]
        providers = providers
        random = random
        [providers]
        default = default_provider
        sysgenid = sysgenid_provider
        [default_provider]
        activate = 1
        [sysgenid_provider]
        module = \(bench.path(of: "sysgenid.so"))
        activate = 1
        device = \(device.path)
        runtime_dir = \(bench.runtimeDirectory(for: device.path))
        [random]
        random = SYSGENID
        """.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }
}
