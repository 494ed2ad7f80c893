import SysGenIDCore
import SysGenIDFrontends
import SysGenIDSystem
import SystemPackage
import Testing

@testable import SysGenIDDaemon

/// What is published of the changes, and the figures for Prometheus.
struct AttributesTests {
    private var attributes = Attributes(
        generation: Generation(rawValue: 7), pageOffset: 0, watchers: WatcherFigures(Census()), backend: "acpi",
        backendReason: "best",
        frontends: ["cuse", "fuse"], processID: 4711, device: "/dev/sysgenid")
    private let history = ChangeHistory()

    @Test mutating func changesAreLinesWithTheirCause() {
        history.note(.changed(to: Generation(rawValue: 6), .backend("acpi", Reseed())), at: 1_614_556_800)
        history.note(.wrappedAround, at: 1_614_556_801)
        history.note(.changed(to: Generation(rawValue: 7), .trigger(thread: 12, userID: 0)), at: 1_614_556_802)
        attributes.changes = history.summary
        let text = attributes.files.first { $0.name == "changes" }?.text
        #expect(
            text == """
                2021-03-01T00:00:00Z 6 the system was resumed, noticed by acpi
                2021-03-01T00:00:02Z 7 triggered by process 12 of user 0
                """)
    }

    @Test func onlyTheLastChangesAreKeptAndAllAreCounted() {
        for number: UInt32 in 1...100 {
            history.note(.changed(to: Generation(rawValue: number), .backend("acpi", Reseed())), at: Int(number))
            let summary = history.summary
            #expect(summary.last.map(\.generation.rawValue) == Array((1...number).suffix(ChangeHistory.limit)))
            #expect(summary.resumes == number && summary.triggers == 0)
        }
    }

    @Test mutating func whatOnlyTheKernelKnowsIsSaidToBeUnknownAndIsNoMetric() {
        attributes.watchers = WatcherFigures(outdated: 3)
        attributes.outdatedProcesses = nil
        let texts = Dictionary(uniqueKeysWithValues: attributes.files.map { ($0.name, $0.text) })
        for name in ["watchers", "tracked", "outdated_processes"] { #expect(texts[name] == "unknown") }
        #expect(texts["outdated"] == "3")
        #expect(attributes.metrics.contains("sysgenid_outdated_watchers 3"))
        #expect(!attributes.metrics.contains("sysgenid_watchers") && !attributes.metrics.contains("sysgenid_tracked"))
    }

    @Test mutating func thePageInTheLayoutOfAVMClockIsTold() {
        func texts() -> [String?] {
            ["vmclock_counter", "vmclock_clock"].map { name in attributes.files.first { $0.name == name }?.text }
        }
        #expect(texts() == ["none", "none"])
        #expect(!attributes.metrics.contains("vmclock_generation") && !attributes.metrics.contains("clock_valid"))
        attributes.clock = ClockFigures(counter: 1 << 32 | 7, hasClock: false)
        #expect(texts() == ["4294967303", "invalid"])
        #expect(attributes.metrics.contains("sysgenid_vmclock_clock_valid 0"))
        attributes.clock?.hasClock = true
        #expect(texts() == ["4294967303", "valid"])
    }

    @Test func aTriggerThatAnotherProgramHasMadeAtTheDeviceIsOne() {
        history.note(.changed(to: Generation(rawValue: 7), .otherTrigger), at: 1_614_556_802)
        #expect(history.summary.triggers == 1)
        #expect(history.summary.last.map(\.text) == ["2021-03-01T00:00:02Z 7 triggered by another program"])
    }

    @Test mutating func theMetricsHaveTheFormatOfPrometheus() {
        let failure = SystemCallFailure("open", "/dev/urandom", .noMemory)
        let missing = HostEntropyMissing("/dev/hwrng is missing")
        let reseeds = [
            Reseed(), Reseed(), Reseed(), Reseed(hostEntropyMissing: missing), Reseed(hostEntropyMissing: missing),
            Reseed(failure: failure),
        ]
        for reseed in reseeds { history.note(.changed(to: 6, .backend("acpi", reseed)), at: 1_614_556_800) }
        history.note(.changed(to: Generation(rawValue: 7), .trigger(thread: 12, userID: 0)), at: 1_614_556_802)
        attributes.changes = history.summary
        attributes.reseed = history.lastReseed
        attributes.clock = ClockFigures(counter: .max, hasClock: true)
        let lines = attributes.metrics.split(separator: "\n").map(String.init)
        let samples = lines.filter { !$0.hasPrefix("#") }
        #expect(
            samples == [
                "sysgenid_generation 7", "sysgenid_watchers 0", "sysgenid_tracked_watchers 0",
                "sysgenid_outdated_watchers 0", "sysgenid_containers 0",
                "sysgenid_vmclock_generation 18446744073709551615", "sysgenid_vmclock_clock_valid 1",
                #"sysgenid_changes_total{cause="resume"} 6"#,
                #"sysgenid_changes_total{cause="trigger"} 1"#, "sysgenid_last_change_timestamp_seconds 1614556802",
                #"sysgenid_reseeds_total{from="identity,host",taken="yes"} 3"#,
                #"sysgenid_reseeds_total{from="identity",taken="yes"} 2"#,
                #"sysgenid_reseeds_total{from="identity,host",taken="no"} 1"#,
                #"sysgenid_reseeds_total{from="identity",taken="no"} 0"#, "sysgenid_last_reseed_failed 1",
                "sysgenid_page_overwrites_total 0", #"sysgenid_resume_noticed_by{backend="acpi"} 1"#,
                #"sysgenid_resume_noticed_by{backend="devicetree"} 0"#,
                #"sysgenid_resume_noticed_by{backend="qemu-fw-cfg"} 0"#,
                #"sysgenid_resume_noticed_by{backend="vmclock"} 0"#,
                #"sysgenid_resume_noticed_by{backend="kernel-log"} 0"#,
                #"sysgenid_resume_noticed_by{backend="file"} 0"#, "sysgenid_resume_unnoticed 0",
                #"sysgenid_info{backend="acpi",frontends="cuse,fuse"} 1"#,
            ])
        // Each has its help and its type in front, and nothing else is a comment.
        for sample in samples {
            let name = sample.prefix { $0 != " " && $0 != "{" }
            #expect(lines.count { $0.hasPrefix("# HELP \(name) ") } == 1)
            #expect(lines.contains("# TYPE \(name) counter") || lines.contains("# TYPE \(name) gauge"))
        }
        let names = Set(samples.map { $0.prefix { $0 != " " && $0 != "{" } })
        #expect(lines.count == samples.count + 2 * names.count)
    }

    @Test mutating func whereNothingNoticesAResumeAMetricSaysSo() {
        func samples() -> [String] {
            attributes.metrics.split(separator: "\n").map(String.init).filter { $0.hasPrefix("sysgenid_resume_") }
        }
        #expect(samples().contains("sysgenid_resume_unnoticed 0"))
        attributes.isBackendFailing = true
        #expect(samples().contains("sysgenid_resume_unnoticed 1"))
        #expect(!samples().contains { $0.hasPrefix("sysgenid_resume_noticed_by") && $0.hasSuffix(" 1") })
        attributes.isBackendFailing = false
        attributes.backend = "manual"
        #expect(samples().contains("sysgenid_resume_unnoticed 1"))
        #expect(!samples().contains { $0.hasPrefix("sysgenid_resume_noticed_by") && $0.hasSuffix(" 1") })
    }

    @Test mutating func whatWasWrittenToThePageIsCountedAndIsNoChange() {
        for _ in 1...3 { history.note(.pageOverwritten(seen: 9, generation: Generation(rawValue: 7)), at: 1) }
        attributes.changes = history.summary
        #expect(history.count == 3 && history.summary.last.isEmpty)
        #expect(attributes.metrics.contains("\nsysgenid_page_overwrites_total 3\n"))
    }
}
