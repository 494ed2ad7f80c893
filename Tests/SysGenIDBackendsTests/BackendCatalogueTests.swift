import SysGenIDCore
import SysGenIDSystem
import TestSupport
import Testing

@testable import SysGenIDBackends

/// What would be chosen on recorded machines.
@Suite struct BackendCatalogueTests {
    private let root: Scratch

    init() throws {
        root = try Scratch()
    }

    private func put(_ path: String, _ contents: [UInt8]) throws {
        let directory = path.split(separator: "/").dropLast().joined(separator: "/")
        try Files.makeDirectories(root.path(directory), permissions: 0o755)
        try Files.replace(root.path(path), with: contents, permissions: 0o644)
    }

    private func putFirmwareConfiguration() throws {
        let guid = [UInt8](1...16)
        try put(
            "sys/firmware/qemu_fw_cfg/by_name/etc/vmgenid_guid/raw",
            [UInt8](repeating: 0, count: 40) + guid + [UInt8](repeating: 0, count: 4_040))
    }

    private func catalogue(file: String? = nil) -> BackendCatalogue {
        BackendCatalogue(systemRoot: root.path, interval: 20, file: file)
    }

    private func isUsable(_ name: String, file: String? = nil) -> Bool {
        (try? catalogue(file: file).backend(named: name)) != nil
    }

    @Test func aMachineWithNothingIsLeftToTheOverseer() {
        #expect(
            catalogue().entries.map(\.name) == ["file", "vmclock", "acpi", "devicetree", "qemu-fw-cfg", "manual"])
        #expect(catalogue().entries.map(\.name).filter { isUsable($0) } == ["manual"])
        #expect(throws: BackendUnavailable.self) { try catalogue().backend(named: "nonsense") }
    }

    @Test func theHypervisorsFileIsReported() throws {
        try putFirmwareConfiguration()
        #expect(isUsable("qemu-fw-cfg"))
        let identity = Identity(domain: .vmGenerationID, bytes: [UInt8](1...16))!
        let running = try RunningBackend(catalogue().backend(named: "qemu-fw-cfg"))
        #expect(running.reports(count: 1) == [.resume(.identity(identity))])
        _ = running.stopped()
    }

    @Test func aFileIsUsedWhetherItIsThereOrNot() {
        #expect(isUsable("file", file: root.path("identity")))
        #expect(!isUsable("file"))
    }
}
