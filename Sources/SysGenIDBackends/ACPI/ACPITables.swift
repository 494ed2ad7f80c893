internal import SysGenIDSystem

/// The machine's ACPI tables, as the kernel shows them below /sys/firmware/acpi/tables.
struct ACPITables {
    let directory: String
    private let memory: AMLInterpreter.Memory

    /// How many tables are searched.
    static let countLimit = 1024
    /// How many bytes they may have together.
    static let sizeLimit = 32 << 20
    /// How many names there may be in a directory of tables.
    private static let nameLimit = 4096

    /// - Parameters:
    ///   - systemRoot: the directory below which /sys is.
    ///   - memory: reads the machine's memory.
    init(systemRoot: String, memory: @escaping AMLInterpreter.Memory) {
        self.memory = memory
        directory = Self.directory(systemRoot)
    }

    static func directory(_ systemRoot: String) -> String { "\(systemRoot)/sys/firmware/acpi/tables" }

    /// The physical address of the 16-byte GUID of the machine's one VM generation ID device.
    ///
    /// Tables that cannot be read are passed over where another one has the device. A second device has to
    /// have the same address; a device that cannot be used is a failure, whatever other tables hold.
    ///
    /// - Parameter kernel: the devices as the kernel sees them.
    func generationAddress(kernel: ACPINamespace) throws(SourceFailure) -> UInt64 {
        let names = try tableNames()
        let (definitions, unusable) = definitions(names)
        let findings: ACPIDefinitions.Findings
        do throws(ACPIDefinitions.Defect) {
            findings = try definitions.generationDevices()
        } catch {
            throw SourceFailure(error.reason, "\(directory): \(error)")
        }
        guard !findings.devices.isEmpty else {
            throw noDevice(tableCount: names.count, unusable: unusable, findings.refusal)
        }
        return try address(of: findings.devices, kernel)
    }

    /// The physical address of the machine's vmclock; nil where the tables that can be read have none.
    func vmclockAddress() throws(SourceFailure) -> UInt64? {
        guard let names = try? tableNames() else { return nil }
        do throws(ACPIDefinitions.Defect) { return try definitions(names).definitions.vmclockAddress() } catch {
            throw SourceFailure(error.reason, "\(directory): \(error)")
        }
    }

    /// What the tables of these names define, and why some of them cannot be used.
    private func definitions(_ names: [String]) -> (definitions: ACPIDefinitions, unusable: [SourceFailure]) {
        let (tables, unusable) = tables(names)
        return (ACPIDefinitions(tables, isIncomplete: !unusable.isEmpty, memory: memory), unusable)
    }

    /// The tables of these names, and why some of them cannot be used.
    func tables(_ names: [String]) -> (tables: [(name: String, table: ACPITable)], unusable: [SourceFailure]) {
        var tables: [(name: String, table: ACPITable)] = []
        var unusable: [SourceFailure] = []
        var size = 0
        for name in names.prefix(Self.countLimit) {
            do throws(SourceFailure) {
                let table = try self.table(name)
                size += table.block.count
                guard size <= Self.sizeLimit else {
                    throw SourceFailure(.tooMuch, "\(directory)/\(name) is one too many")
                }
                tables.append((name, table))
            } catch {
                unusable.append(error)
            }
        }
        return (tables, unusable)
    }

    /// The one address of these devices, of which at least one has to be there.
    private func address(of devices: [GenerationDevice], _ kernel: ACPINamespace) throws(SourceFailure) -> UInt64 {
        let isSeen = try kernel.hasGenerationDevice(at: devices.map(\.path))
        let present = devices.filter(\.isPresent)
        var addresses: Set<UInt64> = []
        for device in present.isEmpty ? devices : present {
            switch device.address {
            case .success(let address): addresses.insert(address)
            case .failure(let defect):
                throw SourceFailure(
                    defect.reason,
                    "\(directory): the VM generation ID device \(device.path) cannot be used: \(defect)")
            }
        }
        guard addresses.count == 1, let address = addresses.first else {
            throw SourceFailure(
                .ambiguous, "\(directory): there are VM generation ID devices with different addresses")
        }
        guard isSeen ?? !present.isEmpty else {
            let witness = isSeen == nil ? "its _STA" : "the kernel"
            throw SourceFailure(
                .notPresent, "the ACPI tables have a VM generation ID device, and \(witness) says that it is not there")
        }
        return address
    }

    private func noDevice(tableCount: Int, unusable: [SourceFailure], _ refusal: String?) -> SourceFailure {
        if let first = unusable.first, unusable.count == tableCount {
            return SourceFailure(
                first.reason, "none of the \(tableCount) ACPI tables can be read: \(first)")
        }
        let searched = min(tableCount, Self.countLimit) - unusable.count
        var text = "no VM generation ID device in \(searched) of the \(tableCount) ACPI tables of \(directory)"
        if let first = unusable.first { text += "; of the others, \(first)" }
        if let refusal { text += "; not all of them could be evaluated: \(refusal)" }
        return SourceFailure(unusable.isEmpty && refusal == nil ? .noDevice : .notAllSearched, text)
    }

    /// The names of the DSDT, the SSDTs and the PSDTs, also of those that were loaded later, relative to the directory,
    /// in the order in which the kernel loads them.
    func tableNames() throws(SourceFailure) -> [String] {
        let fixed: [String]
        do throws(SystemCallFailure) {
            fixed = try Files.names(in: directory, limit: Self.nameLimit)
        } catch {
            guard error.errno == .noSuchFileOrDirectory else {
                throw SourceFailure(UnusableReason(error), "the ACPI tables: \(error)")
            }
            throw SourceFailure(.noInterface, "this machine has no ACPI tables: \(directory) is missing")
        }
        let loaded = (try? Files.names(in: directory + "/dynamic", limit: Self.nameLimit)) ?? []
        let names =
            fixed.filter { $0 == "DSDT" } + Self.secondary(fixed) + Self.secondary(loaded).map { "dynamic/" + $0 }
        guard !names.isEmpty else {
            throw SourceFailure(.noInterface, "\(directory) holds neither a DSDT nor an SSDT")
        }
        return names
    }

    /// The names of SSDTs, SSDT2 before SSDT10.
    private static func secondary(_ names: [String]) -> [String] {
        names.filter { $0.hasPrefix("SSDT") || $0.hasPrefix("PSDT") }.sorted {
            ($0.utf8.count, $0) < ($1.utf8.count, $1)
        }
    }

    private func table(_ name: String) throws(SourceFailure) -> ACPITable {
        let path = "\(directory)/\(name)"
        let contents: [UInt8]
        do throws(SystemCallFailure) {
            contents = try Files.read(path, limit: ACPITable.sizeLimit + 1)
        } catch {
            let remedy = error.errno == .permissionDenied ? "; only root may read it" : ""
            throw SourceFailure(UnusableReason(error), "\(error)\(remedy)")
        }
        do throws(ACPITable.Defect) { return try ACPITable(contents: contents) } catch {
            throw SourceFailure(.damaged, "\(path) is \(error)")
        }
    }
}
