import Foundation
import SysGenID
import Testing

@testable import SysGenIDCommands

@Suite("What is printed")
struct ReportTests {
    private static let reseed: PublishedReseed = {
        var reseed = PublishedReseed(timestamp: "2021-03-01T00:00:00Z", generation: Generation(rawValue: 7))
        reseed.sources = ["identity"]
        reseed.remark = "/dev/hwrng is missing"
        return reseed
    }()

    private static let attributes: PublishedAttributes = {
        var attributes = PublishedAttributes(in: "/nonexistent/sysgenid")
        attributes.watchers = 3
        attributes.tracked = 1
        attributes.backend = "vmclock"
        attributes.backendReason = "the best that this machine has"
        attributes.outdatedProcesses = ["31 nginx", "32 (gone)"]
        attributes.changes = ["2021-03-01T00:00:00Z 7 the system was resumed, noticed by vmclock"]
        attributes.reseed = reseed
        attributes.frontends = ["cuse", "fuse"]
        attributes.containers = 12
        attributes.vmclockCounter = 0xffff_ffff_0000_0007
        attributes.hasVMClockTime = true
        attributes.processID = 4711
        return attributes
    }()

    private let full = StatusReport(
        device: "/dev/sysgenid", generation: Generation(rawValue: 7), outdated: 2, attributes: attributes)
    private let bare = StatusReport(device: "/dev/sysgenid")

    @Test("status as text")
    func statusText() {
        #expect(
            full.text == """
                device:      /dev/sysgenid
                generation:  7
                vmclock:     18446744069414584327, with the time of the hypervisor's
                watchers:    3
                tracked:     1
                outdated:    2
                backend:     vmclock (the best that this machine has)
                reseed:      from identity for generation 7 at 2021-03-01T00:00:00Z (/dev/hwrng is missing)
                frontends:   cuse, fuse
                containers:  12
                daemon pid:  4711
                outdated processes:
                  31 nginx
                  32 (gone)
                last changes:
                  2021-03-01T00:00:00Z 7 the system was resumed, noticed by vmclock
                """)
    }

    @Test("status as text where little is known")
    func bareStatusText() {
        #expect(
            bare.text == """
                device:      /dev/sysgenid
                generation:  unknown
                vmclock:     unknown
                watchers:    unknown
                tracked:     unknown
                outdated:    unknown
                backend:     unknown
                reseed:      unknown
                frontends:   unknown
                containers:  unknown
                daemon pid:  unknown
                """)
    }

    @Test("status of a container's device says nothing of how many containers there are")
    func containerStatusText() {
        let report = StatusReport(device: "/devices/containers/web/sysgenid", isOfContainer: true)
        #expect(!report.text.contains("containers: ") && !report.text.contains("vmclock"))
        #expect(report.text.hasSuffix("frontends:   unknown\ndaemon pid:  unknown"))
    }

    @Test("status tells of a vmclock's page without a clock, and of none")
    func statusOfClocks() {
        var report = full
        report.attributes?.vmclockCounter = 7
        report.attributes?.hasVMClockTime = false
        #expect(report.text.contains("\nvmclock:     7\n"))
        #expect(report.json.text.contains(#""vmclock_counter":7,"vmclock_clock_valid":false,"#))
        report.attributes?.vmclockCounter = nil
        report.attributes?.hasVMClockTime = nil
        #expect(report.text.contains("\nvmclock:     none\n"))
    }

    @Test("status tells of a reseed that has failed, and of none")
    func statusOfReseeds() {
        var report = full
        report.attributes?.reseed?.isTaken = false
        report.attributes?.reseed?.sources = ["identity", "host"]
        report.attributes?.reseed?.remark = nil
        #expect(
            report.text.contains(
                "\nreseed:      failed, from identity and host for generation 7 at 2021-03-01T00:00:00Z\n"))
        #expect(report.json.text.contains(#""taken":false,"from":["identity","host"],"remark":null}"#))
        report.attributes?.reseed = nil
        #expect(report.text.contains("\nreseed:      none\n"))
    }

    @Test("status as JSON has the same keys, whatever is known")
    func statusJSON() {
        #expect(
            full.json.text
                == #"{"device":"/dev/sysgenid","generation":7,"vmclock_counter":18446744069414584327,"#
                + #""vmclock_clock_valid":true,"watchers":3,"tracked":1,"outdated":2,"#
                + #""containers":12,"outdated_processes":[{"pid":31,"name":"nginx"},{"pid":32,"name":"(gone)"}],"#
                + #""backend":"vmclock","backend_reason":"the best that this machine has","#
                + #""reseed":{"timestamp":"2021-03-01T00:00:00Z","generation":7,"taken":true,"from":["identity"],"#
                + #""remark":"/dev/hwrng is missing"},"#
                + #""frontends":["cuse","fuse"],"pid":4711,"changes":[{"timestamp":"2021-03-01T00:00:00Z","#
                + #""generation":7,"cause":"the system was resumed, noticed by vmclock"}]}"#)
        #expect(
            bare.json.text
                == #"{"device":"/dev/sysgenid","generation":null,"vmclock_counter":null,"vmclock_clock_valid":null,"#
                + #""watchers":null,"tracked":null,"outdated":null,"#
                + #""containers":null,"outdated_processes":null,"backend":null,"backend_reason":null,"reseed":null,"#
                + #""frontends":null,"pid":null,"#
                + #""changes":null}"#)
    }

    @Test("a container's device, and one whose generation nobody knows")
    func container() throws {
        let name = try #require(ContainerName("web"))
        var entry = ContainerDevices.Entry(name: name, generation: Generation(rawValue: 7), userID: 1_000, groupID: 5)
        #expect(ContainerReport(entry).line(asJSON: false) == "web 7 1000:5")
        #expect(ContainerReport(entry).line(asJSON: true) == #"{"name":"web","generation":7,"uid":1000,"gid":5}"#)
        entry.generation = nil
        #expect(ContainerReport(entry).line(asJSON: false) == "web unknown 1000:5")
        #expect(ContainerReport(entry).line(asJSON: true) == #"{"name":"web","generation":null,"uid":1000,"gid":5}"#)
    }

    @Test("a generation")
    func generation() {
        let report = GenerationReport(Generation(rawValue: .max))
        #expect(report.line(asJSON: false) == "4294967295")
        #expect(report.line(asJSON: true) == #"{"generation":4294967295}"#)
    }

    @Test("a probe, with the hypervisor's counter for people and in JSON, and a script's line as ever")
    func probe() {
        let both = ProbeReport(Generation(rawValue: 7), hypervisorCounter: .max)
        #expect(both.lines(onTerminal: false) == ["7"])
        #expect(both.lines(onTerminal: true) == ["7", "the hypervisor's counter: 18446744073709551615"])
        #expect(both.json.text == #"{"generation":7,"hypervisor_counter":18446744073709551615}"#)
        let one = ProbeReport(Generation(rawValue: 7))
        #expect(one.lines(onTerminal: true) == ["7"])
        #expect(one.json.text == #"{"generation":7,"hypervisor_counter":null}"#)
    }

    @Test("a change, with its time in UTC")
    func change() {
        let report = GenerationReport(
            Generation(rawValue: 7), noticed: Date(timeIntervalSince1970: 1_614_556_800.25))
        #expect(report.line(asJSON: false) == "2021-03-01T00:00:00.250Z generation 7")
        #expect(report.line(asJSON: true) == #"{"generation":7,"timestamp":"2021-03-01T00:00:00.250Z"}"#)
    }
}
