import Foundation
import Testing

extension EndToEnd {
    @Suite struct Conformance {
        @Test(arguments: Kernel.allCases)
        func everyRowOfTheInterfaceHolds(_ kernel: Kernel) throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try device.serve(kernel: kernel)
            let expectation = kernel == .own ? "full" : "page-cache"
            try device.conform("--device", device.path, "--expect", expectation, "--opens", "10000", "--wrap")
            daemon.signal(SIGTERM)
            #expect(try daemon.exitCode() == 0)
        }

        /// The generation 0 is there once only, and so the suite cannot start from it.
        @Test(
            arguments: [
                (0, 1), (1, 1), (2, 2), (1 << 31 - 1, 1 << 31 - 1), (1 << 31, 1 << 31), (1 << 31 + 1, 1 << 31 + 1),
                (.max - 1, .max - 1), (.max, .max),
            ] as [(UInt32, UInt32)])
        func theFirstChangeTakesAMinimumAtEveryEdge(_ minimum: UInt32, _ expected: UInt32) throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve()
            #expect(try device.mapped() == 0)
            #expect(try device.control("trigger", "--minimum", "\(minimum)").exitCode() == 0)
            #expect(try device.mapped() == expected)
        }

        @Test func aPlainFileFailsTheSuite() throws {
            let device = try TestDevice()
            defer { device.end() }
            try Data(repeating: 0, count: 4096).write(to: URL(filePath: device.path))
            let suite = try device.run("sysgenid-conformance", ["--device", device.path])
            #expect(try suite.exitCode() == 1)
        }
    }
}

extension TestDevice {
    /// Runs the conformance suite, of which no row may fail.
    func conform(_ arguments: String...) throws {
        let suite = try run("sysgenid-conformance", arguments)
        let code = try suite.exitCode()
        let failures = suite.lines.filter { !$0.hasPrefix("ok ") }.joined(separator: "\n")
        #expect(code == 0, "\(failures)")
        #expect(suite.lines.last?.contains(" passed, 0 failed") == true)
    }
}

/// Everything that runs the programs as a user would. One test at a time, since they measure what others of
/// them would disturb.
@Suite(.serialized, .needsFuse, .timeLimit(.minutes(60)))
enum EndToEnd {}
