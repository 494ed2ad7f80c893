import Foundation

/// Tests the project's programs in guests with real kernels.
@main
enum Lab {
    static func main() {
        do {
            let options = try Options(Array(CommandLine.arguments.dropFirst()))
            let laboratory = Laboratory()
            switch options.command {
            case .list:
                for test in try laboratory.tests() { print(test.name) }
            case .shell:
                guard let kernel = try options.kernels().last else { return }
                try laboratory.shell(kernel)
            case .prepare:
                _ = try laboratory.runs(options)
            case .test, .releases:
                let runs = try laboratory.runs(options)
                guard !runs.isEmpty else { throw Failure("no test fits: 'lab list' has their names") }
                let report = Report()
                Schedule.run(runs, atOnce: options.atOnce, report: report)
                report.summary.forEach { print($0) }
                exit(report.hasFailures ? 1 : 0)
            }
        } catch {
            FileHandle.standardError.write(Data("lab: \(error)\n".utf8))
            exit(2)
        }
    }
}
