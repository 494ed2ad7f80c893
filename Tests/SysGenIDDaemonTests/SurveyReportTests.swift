import Foundation
import SysGenIDBackends
import SysGenIDSystem
import Testing

@testable import SysGenIDDaemon

/// What `--check` says, for people and for programs.
struct SurveyReportTests {
    private let good = SurveyReport(
        kernel: "6.12.9", kernelWords: "6.12.9", device: .init(name: "/dev/sysgenid"),
        frontends: [
            .init(name: "cuse", reason: "no-interface", words: "/dev/cuse is missing, try 'modprobe cuse'"),
            .init(name: "fuse"),
        ],
        mapping: .init(name: "every-descriptor", words: "native, through every descriptor"),
        containers: .init(name: "/run/sysgenid/devices", words: "below /run/sysgenid/devices, at most 4096"),
        requests: .init(limit: 300, longestWait: 240, words: "a limit"),
        entropy: .init(name: "/dev/hwrng", words: "the host's"),
        backends: [
            .init(name: "acpi", words: "at 0x1000"),
            .init(name: "devicetree", reason: "no-interface", words: "\"base\" is missing\n\u{1b}[1m"),
            .init(name: "a-long-name-of-a-backend", words: "yes"),
        ],
        choice: .init(frontends: ["fuse"], backend: "acpi"))

    private let bleak = SurveyReport(
        kernelWords: "unknown (open: no)", device: .init(name: "/x", reason: "in-the-way", words: "/x is in the way"),
        frontends: [], mapping: .init(name: "nothing", reason: "no-frontend", words: "there is no frontend"),
        containers: .init(name: "/d", reason: "takes-fuse", words: "that takes FUSE"),
        entropy: .init(name: "/dev/hwrng", reason: "no-entropy", words: "none"), backends: [],
        choice: .init(frontends: [], reason: "no-device", words: "there is none"))

    private func object(_ report: SurveyReport) throws -> [String: Any] {
        let text = report.json.text
        #expect(!text.contains("\n"), "one line")
        return try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test func theTextHasALineForEachFinding() {
        #expect(
            good.text == """
                kernel      6.12.9
                device      /dev/sysgenid
                frontends
                  cuse        no: /dev/cuse is missing, try 'modprobe cuse'
                  fuse        yes
                mmap        native, through every descriptor
                containers  below /run/sysgenid/devices, at most 4096
                requests    a limit
                entropy     the host's
                backends
                  acpi        yes: at 0x1000
                  devicetree  no: "base" is missing\n\u{1b}[1m
                  a-long-name-of-a-backend yes: yes
                chosen      frontend fuse, backend acpi
                """)
        #expect(
            bleak.text == """
                kernel      unknown (open: no)
                device      no: /x is in the way
                frontends
                mmap        no: there is no frontend
                containers  no devices of their own: that takes FUSE
                entropy     none
                backends
                chosen      frontend none, backend none (there is none)
                """)
    }

    @Test func theObjectHasTheSame() throws {
        let object = try object(good)
        #expect(
            Set(object.keys) == [
                "version", "can_serve", "kernel", "device", "frontends", "mmap", "containers", "requests", "entropy",
                "backends", "chosen", "noticed_by",
            ])
        #expect(object["version"] as? String == Release.version)
        #expect(object["can_serve"] as? Bool == true && object["kernel"] as? String == "6.12.9")
        #expect(
            object["device"] as? NSDictionary == [
                "path": "/dev/sysgenid", "usable": true, "reason": NSNull(), "text": NSNull(),
            ])
        let frontends = try #require(object["frontends"] as? [NSDictionary])
        #expect(
            frontends == [
                [
                    "name": "cuse", "usable": false, "reason": "no-interface",
                    "text": "/dev/cuse is missing, try 'modprobe cuse'",
                ], ["name": "fuse", "usable": true, "reason": NSNull(), "text": NSNull()],
            ])
        #expect((object["mmap"] as? NSDictionary)?["by"] as? String == "every-descriptor")
        #expect(
            object["containers"] as? NSDictionary == [
                "path": "/run/sysgenid/devices", "usable": true, "reason": NSNull(),
                "text": "below /run/sysgenid/devices, at most 4096",
            ])
        #expect(
            object["requests"] as? NSDictionary == [
                "limit_seconds": 300, "longest_wait_seconds": 240, "text": "a limit",
            ])
        let backends = try #require(object["backends"] as? [NSDictionary])
        #expect(backends.map { $0["name"] as? String } == ["acpi", "devicetree", "a-long-name-of-a-backend"])
        #expect(backends[1]["text"] as? String == "\"base\" is missing\n\u{1b}[1m")
        #expect(
            object["chosen"] as? NSDictionary == [
                "frontends": ["fuse"], "backend": "acpi", "reason": NSNull(), "text": NSNull(),
            ])
        #expect(object["noticed_by"] as? String == "acpi")
    }

    @Test func whereNothingCanBeServedItSaysSo() throws {
        let object = try object(bleak)
        #expect(object["can_serve"] as? Bool == false)
        #expect((object["containers"] as? NSDictionary)?["reason"] as? String == "takes-fuse")
        #expect(object["kernel"] is NSNull && object["requests"] is NSNull && object["noticed_by"] is NSNull)
        #expect(
            object["chosen"] as? NSDictionary == [
                "frontends": [String](), "backend": NSNull(), "reason": "no-device", "text": "there is none",
            ])
    }

    @Test func byHandIsByNothing() {
        var report = good
        report.choice.backend = "manual"
        #expect(report.noticingBackend == nil)
    }

    @Test func theReasonsAreThoseOfTheDocumentation() throws {
        let project = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: project.appending(path: "docs/monitoring.md"), encoding: .utf8)
        let table = try #require(
            text.components(separatedBy: "| reason |").dropFirst().first?.components(separatedBy: "\n\n")[0])
        let documented = table.matches(of: /\n\| `([a-z-]+)` \| [^|]+ \|/).map { String($0.output.1) }
        let names = UnusableReason.allCases.map(\.rawValue) + SurveyReason.allCases.map(\.rawValue)
        #expect(documented == Set(names).sorted())
    }
}
