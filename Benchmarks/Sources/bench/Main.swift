import Foundation

/// The runner: starts the daemons, measures each figure beside its floor, and prints the table.
@main
struct Main {
    static func main() {
        do {
            let options = try Options(Array(CommandLine.arguments.dropFirst()))
            switch options.task {
            case .figures: try measureFigures(options)
            case .costs: try checkCosts(options)
            }
        } catch {
            FileHandle.standardError.write(Data("bench: \(error)\n".utf8))
            exit(1)
        }
    }

    private static func measureFigures(_ options: Options) throws {
        if let lack = Machine.lack { throw Failure("figures are measured \(lack)") }
        let bench = try Bench(options)
        defer { bench.end() }
        let figures: [(Options.Figures, () throws -> [Line])] = [
            (.timed, TimedFigures(bench).measure), (.clock, ClockFigures(bench).measure),
            (.window, WindowFigures(bench).measure), (.containers, ContainerFigures(bench).measure),
            (.openssl, OpenSSLFigures(bench).measure), (.resources, ResourceFigures(bench).measure),
        ]
        let lines = try figures.filter { options.figures.contains($0.0) }.flatMap { try $0.1() }
        let report = Report(lines: lines, options: options)
        print(report.markdown)
        if let path = options.jsonPath { try report.json.write(to: URL(filePath: path)) }
    }

    private static func checkCosts(_ options: Options) throws {
        // As with all tests: what cannot be tested here says so, and fails where everything is asked for.
        if let lack = Machine.lack, ProcessInfo.processInfo.environment["SYSGENID_REQUIRE_ALL"] != "1" {
            return print("skipped: the costs of a request are counted \(lack)")
        }
        let bench = try Bench(options)
        defer { bench.end() }
        let costs = try Costs(bench).count()
        print(Costs.table(of: costs))
        let resumeCosts = try ResumeCosts(bench).count()
        print(ResumeCosts.table(of: resumeCosts))
        let memory = try ContainerFigures(bench).memoryEach()
        print(String(format: "memory for each container, beside its page: %.0f bytes", memory))
        let start = try StartCost(bench)
        print(start.description)
        var excesses =
            costs.flatMap(\.excesses) + ResumeCosts.excesses(of: resumeCosts) + [start.excess].compactMap(\.self)
        if memory > ContainerFigures.memoryLimit {
            excesses.append(String(format: "a container takes %.0f bytes beside its page", memory))
        }
        guard excesses.isEmpty else { throw Failure(excesses.joined(separator: "\nbench: ")) }
        for remark in costs.flatMap(\.remarks) + [start.remark].compactMap(\.self) { print(remark) }
    }
}

/// What went wrong, for a person to read.
struct Failure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
