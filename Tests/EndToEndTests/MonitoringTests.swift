import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// What `monitoring` has for Prometheus and Grafana, held against what a daemon publishes.
    @Suite struct Monitoring {
        private static let folder = Built.project.appending(path: "monitoring")
        private static let rules = "prometheus/sysgenid.rules.yml"
        private static let dashboard = "grafana/sysgenid.json"

        private func text(of name: String) throws -> String {
            try String(contentsOf: Self.folder.appending(path: name), encoding: .utf8)
        }

        /// The names of metrics that a text has.
        private func metrics(in text: String) -> Set<String> {
            Set(text.matches(of: /sysgenid_[a-z_]+/).map { String($0.output) })
        }

        private func published() throws -> String {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve()
            let tree = try DeviceTree(device)
            for name in ["web", "9.a_b-c"] { _ = try tree.make(name) }
            try waitUntil("the figures of containers") {
                device.attribute("containers.prom")?.contains("container=\"web\"") == true
            }
            return try ["sysgenid.prom", "containers.prom"].map { try #require(device.attribute($0)) }
                .joined(separator: "\n")
        }

        @Test func theFiguresOfAContainerFollow() throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try device.serve()
            func awaitSamples(_ expected: [String]) throws {
                try waitUntil("\(expected)", details: { device.attribute("containers.prom") ?? "nothing" }) {
                    let lines = device.attribute("containers.prom")?.split(separator: "\n").map(String.init) ?? []
                    return lines.filter { !$0.hasPrefix("#") && !$0.contains("overwrites") }
                        .map { $0.replacing("sysgenid_container_", with: "") } == expected
                }
            }
            try awaitSamples([])
            let tree = try DeviceTree(device)
            let (web, _) = try (tree.make("web"), tree.make("db"))
            let tracker = try web.client("track")
            let reader = try web.client("read")
            try awaitSamples([
                #"generation{container="web"} 0"#, #"generation{container="db"} 0"#,
                #"watchers{container="web"} 2"#, #"watchers{container="db"} 0"#,
                #"tracked_watchers{container="web"} 1"#, #"tracked_watchers{container="db"} 0"#,
                #"outdated_watchers{container="web"} 0"#, #"outdated_watchers{container="db"} 0"#,
            ])
            #expect(try web.trigger() == 0)
            #expect(try reader.exitCode() == 0)
            try tracker.waitFor("1\n")
            #expect(try tree.ask("rmdir", "containers/db") == "0")
            try awaitSamples([
                #"generation{container="web"} 1"#, #"watchers{container="web"} 1"#,
                #"tracked_watchers{container="web"} 1"#, #"outdated_watchers{container="web"} 1"#,
            ])
            daemon.signal(SIGKILL)
            _ = try daemon.exitCode()
            // What it has left is not that of one without containers.
            try device.serve("--max-containers", "0")
            #expect(device.attribute("containers.prom") == nil)
        }

        @Test func everyMetricIsPublished() throws {
            let published = try published()
            let names = Set(published.matches(of: #/# TYPE (\w+) /#).map { String($0.output.1) })
            #expect(names.count > 9)
            for file in [Self.rules, "prometheus/sysgenid.test.yml", Self.dashboard] {
                let used = metrics(in: try text(of: file))
                #expect(used.count >= 3)
                #expect(used.subtracting(names).isEmpty, "\(file)")
            }
            let documentation = try String(
                contentsOf: Built.project.appending(path: "docs/monitoring.md"), encoding: .utf8)
            #expect(metrics(in: documentation) == names)
        }

        @Test func theDashboardCanBeImported() throws {
            let contents = Data(try text(of: Self.dashboard).utf8)
            let dashboard = try #require(try JSONSerialization.jsonObject(with: contents) as? [String: Any])
            #expect(dashboard["title"] as? String == "System Generation ID" && dashboard["schemaVersion"] is Int)
            let panels = try #require(dashboard["panels"] as? [[String: Any]])
            #expect(panels.count >= 8 && Set(panels.compactMap { $0["id"] as? Int }).count == panels.count)
            for panel in panels {
                let targets = try #require(panel["targets"] as? [[String: Any]])
                #expect(!targets.isEmpty && targets.allSatisfy { $0["expr"] is String }, "\(panel["title"] ?? "")")
            }
        }

        @Test func aDaemonWithoutABackendSaysThatNothingNoticesAResume() throws {
            let device = try TestDevice()
            defer { device.end() }
            func has(_ sample: String) -> Bool { device.attribute("sysgenid.prom")?.contains("\n\(sample)\n") == true }
            try device.serve("--backend", "file", "--backend-file", device.identityFile)
            try waitUntil("the missing file") { has("sysgenid_resume_unnoticed 1") }
            #expect(has("sysgenid_resume_noticed_by{backend=\"file\"} 0"))
            try device.setIdentity(1)
            try waitUntil("the file") { has("sysgenid_resume_unnoticed 0") }
            #expect(has("sysgenid_resume_noticed_by{backend=\"file\"} 1"))
            try FileManager.default.removeItem(atPath: device.identityFile)
            try waitUntil("the file that is gone") { has("sysgenid_resume_unnoticed 1") }
        }

        // MARK: - promtool

        /// Tests the rules with the program of Prometheus.
        private func test(_ rules: String, in scratch: Scratch) throws -> RunningProgram {
            for (name, contents) in [("rules", rules), ("test", try text(of: "prometheus/sysgenid.test.yml"))] {
                try contents.write(toFile: scratch.path("sysgenid.\(name).yml"), atomically: true, encoding: .utf8)
            }
            return try RunningProgram(Promtool.path, ["test", "rules", scratch.path("sysgenid.test.yml")])
        }

        @Test(.needsPromtool) func theRulesDoWhatTheirTestsSay() throws {
            let (scratch, rules) = (try Scratch(), try text(of: Self.rules))
            let sound = try test(rules, in: scratch)
            #expect(try sound.exitCode() == 0, "\(sound.text)")
            let alerts = rules.matches(of: /- alert: (\w+)/).map { String($0.output.1) }
            #expect(alerts.count >= 3)
            for alert in alerts {
                // Each is asked for: with another name it is missed.
                let renamed = try test(rules.replacing("- alert: \(alert)\n", with: "- alert: Other\n"), in: scratch)
                #expect(try renamed.exitCode() != 0, "\(alert) has no test")
            }
            let check = try RunningProgram(
                Promtool.path, ["check", "rules", Self.folder.appending(path: Self.rules).path])
            #expect(try check.exitCode() == 0, "\(check.text)")
        }

        @Test(.needsPromtool) func whatIsPublishedIsSound() throws {
            let (scratch, metrics) = (try Scratch(), try published())
            try (metrics + "\n").write(toFile: scratch.path("metrics"), atomically: true, encoding: .utf8)
            let check = try RunningProgram(
                "/bin/sh", ["-c", "exec \"$0\" check metrics <\"$1\"", Promtool.path, scratch.path("metrics")])
            #expect(try check.exitCode() == 0, "\(check.text)")
        }
    }
}

/// Prometheus's own program for rules and metrics, where `make setup-tests` has put it.
private enum Promtool {
    static let path = Built.project.appending(path: ".build/prometheus/promtool").path
}

extension Trait where Self == ConditionTrait {
    fileprivate static var needsPromtool: Self {
        .enabled(
            if: Machine.requiresAll || access(Promtool.path, X_OK) == 0, "needs promtool: make setup-tests")
    }
}
