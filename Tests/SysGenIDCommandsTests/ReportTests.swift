import Foundation
import SysGenID
import Testing

@testable import SysGenIDCommands

@Suite("What is printed")
struct ReportTests {
    private static let attributes: PublishedAttributes = {
        var attributes = PublishedAttributes(in: "/nonexistent/sysgenid")
        attributes.watchers = 3
        attributes.tracked = 1
        attributes.backend = "vmclock"
        attributes.frontends = ["cuse", "fuse"]
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
                watchers:    3
                tracked:     1
                outdated:    2
                backend:     vmclock
                frontends:   cuse, fuse
                daemon pid:  4711
                """)
    }

    @Test("status as text where little is known")
    func bareStatusText() {
        #expect(
            bare.text == """
                device:      /dev/sysgenid
                generation:  unknown
                watchers:    unknown
                tracked:     unknown
                outdated:    unknown
                backend:     unknown
                frontends:   unknown
                daemon pid:  unknown
                """)
    }

    @Test("status as JSON has the same keys, whatever is known")
    func statusJSON() {
        #expect(
            full.json.text
                == #"{"device":"/dev/sysgenid","generation":7,"watchers":3,"tracked":1,"outdated":2,"#
                + #""backend":"vmclock","frontends":["cuse","fuse"],"pid":4711}"#)
        #expect(
            bare.json.text
                == #"{"device":"/dev/sysgenid","generation":null,"watchers":null,"tracked":null,"outdated":null,"#
                + #""backend":null,"frontends":null,"pid":null}"#)
    }

    @Test("a generation")
    func generation() {
        let report = GenerationReport(Generation(rawValue: .max))
        #expect(report.line(asJSON: false) == "4294967295")
        #expect(report.line(asJSON: true) == #"{"generation":4294967295}"#)
    }

    @Test("a change, with its time in UTC")
    func change() {
        let report = GenerationReport(
            Generation(rawValue: 7), noticed: Date(timeIntervalSince1970: 1_614_556_800.25))
        #expect(report.line(asJSON: false) == "2021-03-01T00:00:00.250Z generation 7")
        #expect(report.line(asJSON: true) == #"{"generation":7,"timestamp":"2021-03-01T00:00:00.250Z"}"#)
    }
}
