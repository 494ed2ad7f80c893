import Foundation
import SysGenIDBackends
import SysGenIDCore
import SysGenIDSystem
import TestSupport
import Testing

@testable import SysGenIDDaemon

/// What is found on recorded machines.
struct SurveyTests {
    private func report(_ root: String, backend: BackendChoice = .auto) -> SurveyReport {
        Survey(
            Configuration(
                frontend: .auto, device: "/tmp/sysgenid-survey", permissions: 0o664, backend: backend, systemRoot: root,
                pollInterval: 100, runtimeDirectory: "/tmp/sysgenid-survey-run", logLevel: .info)
        ).report
    }

    private func reason(of backend: String, in report: SurveyReport) -> String? {
        report.backends.first { $0.name == backend }?.reason
    }

    @Test(arguments: MachineFile.names)
    func eachMachineIsToldAsAnObject(name: String) throws {
        let file = try MachineFile(name)
        let machine = try file.machine()
        let report = report(machine.root)
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(report.json.text.utf8)) as? [String: Any])
        let backends = try #require(object["backends"] as? [[String: Any]])
        let names = Set(UnusableReason.allCases.map(\.rawValue))
        for backend in backends {
            let isUsable = try #require(backend["usable"] as? Bool)
            let text = try #require(backend["text"] as? String)
            #expect(report.text.contains("\(isUsable ? "yes" : "no"): \(text)\n"))
            #expect(isUsable == (backend["reason"] is NSNull))
            if !isUsable { #expect(names.contains(try #require(backend["reason"] as? String))) }
        }
        let own = try #require(backends.first { $0["name"] as? String == file.backend })
        #expect(own["usable"] as? Bool == (file.expect == "yes"))
        if file.expect == "yes" { #expect(object["noticed_by"] is String) }
    }

    @Test(
        arguments: [
            (
                .cuse, 4_096, "/dev/shm/sysgenid-survey", "takes-fuse",
                "that takes FUSE: start sysgenidd with --frontend"
            ),
            (
                .kernel, 4_096, "/dev/shm/sysgenid-survey", "takes-fuse",
                "kernel's own device is driven: --frontend fuse"
            ),
            (.fuse, 0, "/dev/shm/sysgenid-survey", "not-asked-for", "--max-containers is 0"),
            (.fuse, 4_096, "/proc/sysgenid-survey", "not-in-memory", "/proc/sysgenid-survey is not in memory (tmpfs)"),
            (.fuse, 12, "/dev/shm/sysgenid-survey/run", nil, "below /dev/shm/sysgenid-survey/run/devices, at most 12"),
        ] as [(FrontendChoice, Int, String, String?, String)])
    func containersHaveDevicesOrAReason(
        _ choice: FrontendChoice, _ count: Int, _ directory: String, _ reason: String?, _ words: String
    ) {
        var configuration = Configuration(
            frontend: choice, device: "/tmp/sysgenid-survey", permissions: 0o664, backend: .auto, systemRoot: "/",
            pollInterval: 100, runtimeDirectory: directory, logLevel: .info)
        configuration.maxContainers = count
        let found = Survey(configuration).containers(choice, fuse: .init(name: "fuse"))
        #expect(found.reason == reason)
        #expect(found.words?.contains(words) == true, "\(found.words ?? "")")
        if reason == nil {
            let missing = SurveyReport.Finding(name: "fuse", reason: "no-interface", words: "try 'modprobe fuse'")
            let refused = Survey(configuration).containers(choice, fuse: missing)
            #expect(refused.reason == "takes-fuse" && refused.words == "that takes FUSE: try 'modprobe fuse'")
        }
    }

    @Test func aMachineWithoutAnythingHasAReasonForEach() throws {
        let machine = try ReplayedMachine()
        let report = report(machine.root)
        #expect(
            report.backends.map(\.reason) == [
                "no-file-named", "no-interface", "no-interface", "no-interface", "no-interface", "no-device", nil,
            ])
        #expect(report.choice.backend == "manual" && report.noticingBackend == nil && report.kernel == nil)
        let acpi = self.report(machine.root, backend: .acpi)
        #expect(acpi.choice.backend == nil && acpi.choice.reason == "no-interface")
    }

    @Test(arguments: [
        ("i-above-4g-no-map", "address-refused"), ("s-addr-buffer", "address-unknown"), ("s-addr-zero", "not-placed"),
        ("s-table-bad-checksum", "damaged"), ("s-two-devices-differ", "ambiguous"),
        ("s-sta-functional-only", "not-present"), ("v-version-2", "unknown-version"),
    ])
    func theReasonIsThatOfTheSource(name: String, reason: String) throws {
        let file = try MachineFile(name)
        let machine = try file.machine()
        #expect(self.reason(of: file.backend, in: report(machine.root)) == reason)
    }

    @Test(arguments: ["ec2-nitro-ssdt2", "form-vmware"])
    func memoryThatIsNotThereIsToldWhereverItIsNeeded(name: String) throws {
        let machine = try MachineFile(name).machine()
        #expect(reason(of: "acpi", in: report(machine.root)) == nil)
        try Files.remove(machine.scratch.path("dev/mem"))
        #expect(reason(of: "acpi", in: report(machine.root)) == "no-dev-mem")
    }
}
