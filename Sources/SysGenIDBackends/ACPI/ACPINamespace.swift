internal import SysGenIDSystem

/// The devices of the ACPI namespace as the kernel sees them. See Documentation/ABI/testing/sysfs-bus-acpi of the
/// kernel.
struct ACPINamespace {
    private let directory: String
    private static let deviceLimit = 16_384

    /// - Parameter systemRoot: the directory below which /sys is.
    init(systemRoot: String) {
        directory = "\(systemRoot)/sys/bus/acpi/devices"
    }

    /// Whether one of the devices is a VM generation ID device that is present, by its IDs or by its path; nil where the
    /// kernel does not show its devices.
    ///
    /// - Parameter paths: where the tables have such devices, as "\_SB_.VGEN".
    func hasGenerationDevice(at paths: [String]) throws(SourceFailure) -> Bool? {
        guard Files.exists(directory) else { return nil }
        do throws(SystemCallFailure) {
            let names = try Files.names(in: directory, limit: Self.deviceLimit)
            // Most have the device's _HID in their name, and each file that is read takes its time.
            return names.contains { isNamedAsOne($0) && isGenerationDevice($0, paths) }
                || names.contains { !isNamedAsOne($0) && isGenerationDevice($0, paths) }
        } catch {
            throw SourceFailure(UnusableReason(error), "the kernel's ACPI devices cannot be listed: \(error)")
        }
    }

    private func isNamedAsOne(_ name: String) -> Bool {
        GenerationDeviceID.isKnown(Array(name.utf8.prefix { $0 != UInt8(ascii: ":") }))
    }

    private func isGenerationDevice(_ name: String, _ paths: [String]) -> Bool {
        // "acpi:" and the _HID and the _CIDs, each with a colon behind it.
        let ids = text(of: name, "modalias").split(separator: UInt8(ascii: ":")).map(Array.init)
        let path = String(decoding: text(of: name, "path"), as: UTF8.self)
        return (ids.contains(where: GenerationDeviceID.isKnown) || paths.contains(path)) && isPresent(name)
    }

    /// By the device's _STA, a decimal number with bit 0 for present (ACPI 6.5, 6.3.7). One without is there.
    private func isPresent(_ name: String) -> Bool {
        let status = text(of: name, "status")
        guard !status.isEmpty else { return true }
        return UInt64(String(decoding: status, as: UTF8.self)).map { $0 & 1 == 1 } ?? false
    }

    private func text(of name: String, _ attribute: String) -> ArraySlice<UInt8> {
        let contents = (try? Files.read("\(directory)/\(name)/\(attribute)", limit: 4_096)) ?? []
        return contents.prefix { $0 != UInt8(ascii: "\n") }
    }
}
