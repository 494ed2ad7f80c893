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
                pollInterval: 100, runtimeDirectory: "/tmp/sysgenid-survey-run", limits: Limits(), logLevel: .info)
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
