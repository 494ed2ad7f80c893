/// A definition block: a DSDT or an SSDT (ACPI 6.5, 5.2.11).
struct ACPITable: Hashable {
    /// The block of ACPI Machine Language after the header.
    let block: [UInt8]
    /// Whether the sum of all bytes is 0. Linux uses a table in any case. Here a table that is damaged must
    /// not lead to a wrong address, which would make any change of ordinary memory look like a resume.
    let isIntact: Bool

    /// No table that is read is longer than this, in bytes.
    static let sizeLimit = 1 << 20
    /// The length of the header (ACPI 6.5, 5.2.6).
    static let headerSize = 36

    /// Why a file is no table that can be read.
    enum Defect: Error, Hashable, CustomStringConvertible {
        case tooLong
        case cutShort
        case otherSignature

        var description: String {
            switch self {
            case .tooLong: "longer than \(ACPITable.sizeLimit) bytes"
            case .cutShort: "not as long as its header says"
            case .otherSignature: "neither a DSDT nor an SSDT"
            }
        }
    }

    /// Takes the contents of a table's file, which the kernel makes just as long as the header says.
    init(contents: [UInt8]) throws(Defect) {
        guard contents.count <= Self.sizeLimit else { throw .tooLong }
        guard contents.count >= Self.headerSize else { throw .cutShort }
        guard ["DSDT", "SSDT"].contains(String(decoding: contents.prefix(4), as: UTF8.self)) else {
            throw .otherSignature
        }
        let length = contents[4..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
        guard length == contents.count else { throw .cutShort }
        block = Array(contents[Self.headerSize...])
        isIntact = contents.reduce(0, &+) == 0
    }

    /// The addresses of the GUIDs of all the VM generation ID devices in the table.
    func generationAddresses() throws(DeviceDefect) -> [UInt64] {
        let devices: [GenerationDevice]
        do throws(AMLDefect) { devices = try GenerationDevice.all(in: block) } catch { throw .tooIntricate }
        guard isIntact || devices.isEmpty else { throw .damagedTable }
        var addresses: [UInt64] = []
        for device in devices {
            do throws(AddressDefect) {
                addresses.append(try AddressEvaluation.address(of: device, in: block))
            } catch {
                throw .address(error)
            }
        }
        return addresses
    }

    /// Why a table's VM generation ID device cannot be used.
    enum DeviceDefect: Error, Hashable, CustomStringConvertible {
        case tooIntricate
        case damagedTable
        case address(AddressDefect)

        var description: String {
            switch self {
            case .tooIntricate: "the table is too intricate to be searched for a VM generation ID device"
            case .damagedTable: "the VM generation ID device is in a table with a wrong checksum"
            case .address(let defect): "the VM generation ID device cannot be used: \(defect)"
            }
        }
    }
}
