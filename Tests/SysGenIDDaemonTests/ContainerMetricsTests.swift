import SysGenIDCore
import SysGenIDFrontends
import SysGenIDSystem
import TestSupport
import Testing

@testable import SysGenIDDaemon

/// What is published of each container.
struct ContainerMetricsTests {
    private static let names = [
        "generation", "watchers", "tracked_watchers", "outdated_watchers", "page_overwrites_total",
    ].map { "sysgenid_container_\($0)" }

    private func text(_ figures: [ContainerFigures]) -> String {
        String(decoding: ContainerMetrics(figures).bytes, as: UTF8.self)
    }

    /// With three watchers, of which two are tracked and one is outdated.
    private func census() throws -> Census {
        var registry = GenerationRegistry()
        let watchers = try (0..<3).map { _ in
            try registry.opened(by: Opener(thread: 1, userID: 0, account: .privileged))
        }
        _ = registry.triggered(minimum: 0, isPermitted: true)
        _ = registry.changeStored() + registry.pagesStored()
        for watcher in watchers.prefix(2) {
            _ = registry.trackingChanged(watcher, to: true)
            _ = registry.wrote(watcher, registry.current)
        }
        return registry.census
    }

    @Test func eachFigureHasTheNameOfItsContainer() throws {
        let longest = String(repeating: "n", count: 64)
        let text = try text([
            ContainerFigures(name: "web-1.a_b", generation: 7, census: census(), pageOverwrites: 9),
            ContainerFigures(name: longest, generation: Generation(rawValue: .max), census: Census()),
        ])
        #expect(text.hasSuffix("\n"))
        let lines = text.split(separator: "\n").map(String.init)
        #expect(
            lines.filter { !$0.hasPrefix("#") }
                == zip(Self.names, [("7", "4294967295"), ("3", "0"), ("2", "0"), ("1", "0"), ("9", "0")]).flatMap {
                    [#"\#($0){container="web-1.a_b"} \#($1.0)"#, #"\#($0){container="\#(longest)"} \#($1.1)"#]
                })
        for name in Self.names {
            #expect(lines.count { $0.hasPrefix("# HELP \(name) ") } == 1)
            let type = name.hasSuffix("_total") ? "counter" : "gauge"
            #expect(lines.contains("# TYPE \(name) \(type)"))
        }
    }

    @Test func withoutContainersThereAreNoFigures() {
        let lines = text([]).split(separator: "\n")
        #expect(lines.count == 2 * Self.names.count && lines.allSatisfy { $0.hasPrefix("# ") })
    }

    @Test func theFileIsForEverybodyAndGoesWithTheDaemon() throws {
        let scratch = try Scratch()
        let directory = try RuntimeDirectory(path: scratch.path("run"))
        let path = directory.path(of: "containers.prom")
        #expect(directory.publishContainers(Array("one\n".utf8)) == nil)
        #expect(try Files.read(path) == Array("one\n".utf8))
        #expect(try Files.status(path).permissions == 0o644)
        #expect(directory.removeAttributes() == nil)
        #expect(!Files.exists(path))
    }

    @Test func whatAPredecessorHasLeftGoesWhereThereAreNone() throws {
        let scratch = try Scratch()
        _ = try RuntimeDirectory(path: scratch.path("run")).publishContainers(Array("one\n".utf8))
        let directory = try RuntimeDirectory(path: scratch.path("run"))
        #expect(directory.publishContainers(nil) == nil)
        #expect(!Files.exists(directory.path(of: "containers.prom")))
        #expect(directory.publishContainers(nil) == nil)
    }

    @Test func aFailureIsToldOnceAndSoIsItsEnd() throws {
        let scratch = try Scratch()
        let directory = try RuntimeDirectory(path: scratch.path("run"))
        let path = directory.path(of: "containers.prom")
        try Files.makeDirectories(path, permissions: 0o755)
        guard case .failing(let failure)? = directory.publishContainers([]) else {
            Issue.record("a folder was replaced by a file")
            return
        }
        #expect(failure.subject == path && directory.areContainersFailing)
        #expect(directory.publishContainers([]) == nil && directory.areContainersFailing)
        try Files.removeDirectory(path)
        #expect(directory.publishContainers([]) == .working)
        #expect(directory.publishContainers([]) == nil && !directory.areContainersFailing)
    }
}
