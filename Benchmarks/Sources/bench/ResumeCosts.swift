import Foundation

/// What lies between the wake-up of the thread that looks for resumes and the store of the page: counts, which a test can
/// judge, for each backend whose machine can be played.
struct ResumeCosts {
    private let bench: Bench
    private let resumes = 20
    /// A first resume is observed well when the observer had a processor of its own all the time.
    private let tries = 20

    init(_ bench: Bench) {
        self.bench = bench
    }

    struct Cost {
        var way: String
        /// From the wait that ends to the store, of a resume with which nothing else has come: uevents of anybody wake the same
        /// thread.
        var calls: [String]
        /// In user space, of a resume with which nothing else has come.
        var instructions: Int
        /// Of the first resume, the pages that are touched for the first time; below 0 where the kernel lets nobody count.
        var faults: Int
        /// Of a resume with which nothing else has come.
        var allocations: Int
    }

    /// How resumes come to be noticed, and what that may cost.
    private struct Way {
        var name: String
        var backend: String
        var hasHostEntropy = false
        /// How many block in `read` while it comes.
        var sleepers = 0
        /// What the played machine takes that a real one does not: a plain file in the place of its memory is asked for its size.
        var ofPlaying: Set<String> = []
        /// Whether the kernel is asked to reseed itself before the page is stored.
        var reseeds: Bool { backend != "kernel-log" }
        var calls: Int
        /// A tenth more than there are, since compilers differ.
        var instructions: Int
    }

    private static let sizeOfFile: Set = ["fstat", "newfstatat"]

    private static let ways = [
        Way(name: "`kernel-log`", backend: "kernel-log", calls: 2, instructions: 4_000),
        Way(
            name: "`kernel-log`, while 100 sleep", backend: "kernel-log", sleepers: 100, calls: 2,
            instructions: 4_000),
        Way(name: "`vmclock`", backend: "vmclock", ofPlaying: sizeOfFile, calls: 3, instructions: 5_000),
        Way(
            name: "`vmclock`, with the host's bytes", backend: "vmclock", hasHostEntropy: true, ofPlaying: sizeOfFile,
            calls: 5, instructions: 5_800),
        Way(
            name: "`devicetree`, by the kernel's line", backend: "devicetree", ofPlaying: sizeOfFile, calls: 4,
            instructions: 6_800),
        // A source that hands out its bytes one by one is read until two readings agree.
        Way(
            name: "`qemu-fw-cfg`, by the kernel's line", backend: "qemu-fw-cfg", calls: 6, instructions: 7_700),
    ]

    /// No page is touched for the first time.
    private static let faultLimit = 0
    /// Nothing is allocated.
    private static let allocationLimit = 0

    func count() throws -> [Cost] { try Self.ways.map(count) }

    private func count(_ way: Way) throws -> Cost {
        for _ in 0..<tries {
            if let cost = try observe(way) { return cost }
        }
        throw Failure(
            "of \(tries) starts no first resume by \(way.name) was observed without a break: let less run beside it")
    }

    /// The cost, where its first resume was observed well.
    private func observe(_ way: Way) throws -> Cost? {
        let counts = bench.folder + "/resume-allocations"
        try Data(count: 4_096).write(to: URL(filePath: counts))
        let machine = try PlayedMachine(in: bench, named: "costs")
        defer { try? FileManager.default.removeItem(atPath: machine.root) }
        let clock = way.backend == "vmclock" ? try bench.serve(by: .playedClock) : nil
        defer { clock?.end() }
        let resume = try machine.prepare(way.backend, clock, in: bench, hasHostEntropy: way.hasHostEntropy)
        let device = try bench.serve(
            by: .sysgenidd, options: machine.options(way.backend),
            environment: [
                "LD_PRELOAD": bench.path(of: "liballocation-counter.so"), "SYSGENID_ALLOCATIONS": counts,
            ])
        defer { device.end() }
        let thread = try device.daemon.thread(named: "backend")
        // It has seen by then whether there is a host to be asked, and has rehearsed.
        usleep(1_500_000)

        func observation() throws -> (faults: ClosedRange<Int>, allocations: Int) {
            let sleepers = try sleepers(of: way, in: device)
            defer { sleepers?.terminate() }
            let observer = try bench.start(.two, ["store", "\(thread)", device.path, counts])
            guard try observer.line() == "ready" else { throw Failure("the page is not looked at") }
            try resume()
            let seen = try observer.line().split(separator: " ").compactMap { Int($0) }
            try observer.finish()
            guard seen.count == 3, seen[0] <= seen[1] else { throw Failure("no counts of a change") }
            return (seen[0]...seen[1], seen[2])
        }
        let first = try observation()
        guard first.faults.count == 1 else { return nil }
        let others = try (0..<9).map { _ in try observation().allocations }
        return Cost(
            way: way.name, calls: try calls(of: thread, in: device, at: resume, of: way),
            instructions: try instructions(of: thread, in: device, at: resume, of: way),
            faults: first.faults.lowerBound, allocations: ([first.allocations] + others).min() ?? 0)
    }

    /// Those who sleep until the next change.
    private func sleepers(of way: Way, in device: ServedDevice) throws -> Program? {
        guard way.sleepers > 0 else { return nil }
        let sleepers = try bench.start(.two, ["hold", "blocked", device.path, "\(way.sleepers)"])
        guard try sleepers.line() == "ready" else { throw Failure("\(way.sleepers) do not come to sleep") }
        return sleepers
    }

    /// The fewest instructions of a resume, which were of it alone.
    private func instructions(
        of thread: Int, in device: ServedDevice, at resume: () throws -> Void, of way: Way
    ) throws -> Int {
        let counts = try (0..<5).map { _ in
            let sleepers = try sleepers(of: way, in: device)
            defer { sleepers?.terminate() }
            let stepper = try bench.start(.two, ["steps", "\(thread)", device.path])
            guard try stepper.line() == "ready" else { throw Failure("the thread is not stepped through") }
            try resume()
            guard let count = try Int(stepper.line()) else { throw Failure("no count of instructions") }
            try stepper.finish()
            return count
        }
        return counts.min() ?? 0
    }

    /// The fewest calls of a resume, which were of it alone.
    private func calls(
        of thread: Int, in device: ServedDevice, at resume: () throws -> Void, of way: Way
    ) throws -> [String] {
        let trace = try CallTrace(of: device.daemon, in: bench)
        for _ in 0..<resumes {
            try resume()
            usleep(100_000)
        }
        let own = try trace.calls().filter { $0.caller == thread && !way.ofPlaying.contains($0.name) }.map(\.name)
        // A line that was only remembered is kept in the journal, too.
        let parts = Self.parts(of: own).filter { $0.contains("ioctl") == way.reseeds }
        guard parts.count > resumes / 2, let calls = parts.min(by: { $0.count < $1.count }) else {
            throw Failure("only \(parts.count) of \(resumes) resumes were noticed")
        }
        return calls
    }

    /// The calls of a thread from the wait that ended to what it did next after the store, which is to write the journal.
    private static func parts(of calls: [String]) -> [[String]] {
        var (parts, part): ([[String]], [String]) = ([], [])
        for call in calls {
            switch call {
            case "pwrite64":
                if !part.isEmpty { parts.append(part) }
                part = []
            // The one that strace has found it in.
            case "restart_syscall": part = ["poll"]
            case "poll" where part.allSatisfy { $0 == "poll" }: part = ["poll"]
            default: if !part.isEmpty { part.append(call) }
            }
        }
        return parts
    }

    static func table(of costs: [Cost]) -> String {
        let heading = """
            | resume by | system calls until the page | | instructions | pages touched first | allocations |
            |---|---:|---|---:|---:|---:|
            """
        let rows = costs.map { cost in
            let calls = cost.calls.map { "`\($0)`" }.joined(separator: ", ")
            let faults = cost.faults < 0 ? "?" : "\(cost.faults)"
            let counts = "\(cost.instructions) | \(faults) | \(cost.allocations)"
            return "| \(cost.way) | \(cost.calls.count) | \(calls) | \(counts) |"
        }
        return ([heading] + rows).joined(separator: "\n")
    }

    /// What is dearer than it may be.
    static func excesses(of costs: [Cost]) -> [String] {
        zip(ways, costs).flatMap { way, cost in
            [
                ("system calls", cost.calls.count, way.calls), ("instructions", cost.instructions, way.instructions),
                ("pages touched first", cost.faults, faultLimit), ("allocations", cost.allocations, allocationLimit),
            ].filter { $0.1 > $0.2 }.map { "a resume by \(way.name) has \($0.1) \($0.0), and may have \($0.2)" }
        }
    }
}
