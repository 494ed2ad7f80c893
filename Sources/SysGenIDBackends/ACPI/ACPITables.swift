internal import SysGenIDSystem

/// The machine's ACPI tables, as the kernel shows them below /sys/firmware/acpi/tables.
struct ACPITables: Sendable {
    private let directory: String

    /// How many tables are searched.
    static let countLimit = 64
    /// How many names there may be in a directory of tables.
    private static let nameLimit = 4096

    init(systemRoot: String) {
        directory = systemRoot + (systemRoot.hasSuffix("/") ? "" : "/") + "sys/firmware/acpi/tables"
    }

    /// The physical address of the 16-byte GUID of the machine's one VM generation ID device.
    ///
    /// Tables that cannot be read are passed over where another one has the device. A second device has to
    /// have the same address; a device that cannot be used is a failure, whatever other tables hold.
    func generationAddress() throws(SourceFailure) -> UInt64 {
        let names = try tableNames()
        var addresses: Set<UInt64> = []
        var unusable: [String] = []
        for name in names.prefix(Self.countLimit) {
            let table: ACPITable
            do throws(SourceFailure) { table = try self.table(name) } catch {
                unusable.append(error.description)
                continue
            }
            do throws(ACPITable.DeviceDefect) {
                addresses.formUnion(try table.generationAddresses())
            } catch {
                throw SourceFailure("\(directory)/\(name): \(error)")
            }
        }
        guard addresses.count <= 1 else {
            throw SourceFailure("\(directory): there are VM generation ID devices with different addresses")
        }
        guard let address = addresses.first else { throw noDevice(tableCount: names.count, unusable: unusable) }
        return address
    }

    private func noDevice(tableCount: Int, unusable: [String]) -> SourceFailure {
        if let first = unusable.first, unusable.count == tableCount {
            return SourceFailure("none of the \(tableCount) ACPI tables can be read: \(first)")
        }
        let searched = min(tableCount, Self.countLimit) - unusable.count
        var text = "no VM generation ID device in \(searched) of the \(tableCount) ACPI tables of \(directory)"
        if let first = unusable.first { text += "; of the others, \(first)" }
        return SourceFailure(text)
    }

    /// The names of the DSDT and the SSDTs, also of those that were loaded later, relative to the directory.
    private func tableNames() throws(SourceFailure) -> [String] {
        let fixed: [String]
        do throws(SystemCallFailure) {
            fixed = try Files.names(in: directory, limit: Self.nameLimit)
        } catch {
            guard error.errno == .noSuchFileOrDirectory else { throw SourceFailure("the ACPI tables: \(error)") }
            throw SourceFailure("this machine has no ACPI tables: \(directory) is missing")
        }
        let loaded = (try? Files.names(in: directory + "/dynamic", limit: Self.nameLimit)) ?? []
        let names =
            fixed.filter { $0 == "DSDT" } + Self.secondary(fixed) + Self.secondary(loaded).map { "dynamic/" + $0 }
        guard !names.isEmpty else { throw SourceFailure("\(directory) holds neither a DSDT nor an SSDT") }
        return names
    }

    /// The names of SSDTs, SSDT2 before SSDT10.
    private static func secondary(_ names: [String]) -> [String] {
        names.filter { $0.hasPrefix("SSDT") }.sorted { ($0.utf8.count, $0) < ($1.utf8.count, $1) }
    }

    private func table(_ name: String) throws(SourceFailure) -> ACPITable {
        let path = "\(directory)/\(name)"
        let contents: [UInt8]
        do throws(SystemCallFailure) {
            contents = try Files.read(path, limit: ACPITable.sizeLimit + 1)
        } catch {
            let remedy = error.errno == .permissionDenied ? "; only root may read it" : ""
            throw SourceFailure("\(error)\(remedy)")
        }
        do throws(ACPITable.Defect) { return try ACPITable(contents: contents) } catch {
            throw SourceFailure("\(path) is \(error)")
        }
    }
}
