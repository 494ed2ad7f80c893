/// A device of the ACPI namespace that says by its `_HID` or `_CID` that it is a VM generation ID device.
struct GenerationDevice: Hashable {
    /// Its path from the root, as "\_SB_.VGEN".
    var path: String
    /// The address of its GUID, which its object `ADDR` gives.
    var address: Result<UInt64, AddressDefect>
    /// Whether its `_STA`, and those of the devices that it is in, say that it is there.
    var isPresent: Bool
    /// The numbers of the tables that declare what was read for this.
    var tables: Set<Int>

    /// How many devices are looked at. A machine has one.
    static let countLimit = 4
}

/// The names by which a device says that it is a VM generation ID device.
enum GenerationDeviceID {
    /// Whether this is one of them. As in Linux, lower case counts as upper case, and an asterisk at the
    /// beginning is left out.
    static func isKnown(_ id: [UInt8]) -> Bool {
        let id = id.first == UInt8(ascii: "*") ? id.dropFirst() : id[...]
        return all.contains(id.map(uppercased))
    }

    /// Linux's driver takes the first two; `VM_Gen_Counter` is what Microsoft's specification prescribes as
    /// the `_CID`. The others are the `_HID` of QEMU, of Firecracker before 2026 and of Hyper-V.
    static let all = ["VM_GEN_COUNTER", "VMGENCTR", "QEMUVGID", "FCVMGID", "HYPER_V_GEN_COUNTER_V1"].map {
        Array($0.utf8)
    }

    static func uppercased(_ character: UInt8) -> UInt8 {
        UInt8(ascii: "a")...UInt8(ascii: "z") ~= character ? character - 0x20 : character
    }
}

extension AMLInterpreter {
    /// The VM generation ID devices of the namespace, in the order of their declaration.
    ///
    /// - Throws: only where they make too much work, as with more devices than any machine has.
    mutating func generationDevices() throws(AMLDefect) -> [GenerationDevice] {
        var devices: [GenerationDevice] = []
        for node in namespace.nodes.indices {
            try spend()
            guard case .device = namespace[node] else { continue }
            tablesUsed = []
            guard try isDevice(node, as: GenerationDeviceID.isKnown) else { continue }
            guard devices.count < GenerationDevice.countLimit else { throw .tooIntricate }
            note(node)
            let address = try generationAddress(node)
            devices.append(
                GenerationDevice(
                    path: namespace.path(of: node), address: address, isPresent: try isPresent(node) ?? true,
                    tables: tablesUsed))
        }
        return devices
    }

    /// As the kernel asks: a `_HID` that is a string, a `_CID` that is a string or a package of strings and integers.
    mutating func isDevice(_ node: Int, as isKnown: ([UInt8]) -> Bool) throws(AMLDefect) -> Bool {
        if case .string(let id)? = try attempt(.hardwareID, of: node), isKnown(id) { return true }
        switch try attempt(.compatibleID, of: node) {
        case .string(let id): return isKnown(id)
        case .package(let package):
            try spend(package.elements.count)
            return package.elements.contains { element in
                if case .string(let id) = element { isKnown(id) } else { false }
            }
        default: return false
        }
    }

    private mutating func generationAddress(_ node: Int) throws(AMLDefect) -> Result<UInt64, AddressDefect> {
        guard let object = namespace.child(.address, of: node) else { return .failure(.missing) }
        let value: AMLValue
        do throws(AMLDefect) { value = try evaluate(object) } catch .tooIntricate { throw .tooIntricate } catch {
            return .failure(.notEvaluated(error))
        }
        guard case .package(let halves) = value, halves.elements.count == 2,
            case .integer(let low)? = try? resolved(halves.elements[0]),
            case .integer(let high)? = try? resolved(halves.elements[1])
        else { return .failure(.notUnderstood) }
        // The kernel shifts the second by 32 bits, in 64, and adds the bits of the first.
        return AddressDefect.checked(low | high << 32)
    }

    /// What an object below a node comes to; nil where there is none, or where it cannot be evaluated.
    mutating func attempt(
        _ segment: AMLNameSegment, of node: Int
    ) throws(AMLDefect) -> AMLValue? {
        guard let object = namespace.child(segment, of: node) else { return nil }
        do throws(AMLDefect) {
            return try limited { machine throws(AMLDefect) in try machine.evaluate(object) }
        } catch .tooIntricate { throw .tooIntricate } catch {
            if firstRefusal == nil { firstRefusal = error.description }
            return nil
        }
    }

    /// Whether a device and all that it is in are there by their `_STA`; nil where that cannot be evaluated.
    mutating func isPresent(_ node: Int) throws(AMLDefect) -> Bool? {
        var node = node
        var isKnown = true
        while node != AMLNamespace.root {
            if namespace.child(.status, of: node) != nil {
                if case .integer(let status)? = try attempt(.status, of: node) {
                    // Bit 0 is present, and bit 3 functioning, with which at least what it holds is there
                    // (ACPI 6.5, 6.3.7).
                    guard status & 1 == 1 else { return false }
                } else {
                    isKnown = false
                }
            }
            node = namespace.nodes[node].parent
        }
        return isKnown ? true : nil
    }
}

/// What the kernel does once all tables are loaded.
extension AMLInterpreter {
    /// Calls the `_INI` of all devices that are there, from the root down (ACPI 6.5, 6.5.1).
    mutating func initialize() throws(AMLDefect) {
        var isAsked: [Int: Bool] = [:]
        for node in namespace.nodes.indices {
            try spend()
            guard namespace.nodes[node].segment == .initialization, case .method(let method) = namespace[node]
            else { continue }
            let device = namespace.nodes[node].parent
            let isThere: Bool?
            if let known = isAsked[device] { isThere = known } else { isThere = try isPresent(device) }
            isAsked[device] = isThere
            if isThere == false { continue }
            do throws(AMLDefect) {
                guard isThere == true else { throw .refused("\(namespace.path(of: device))._STA") }
                _ = try limited { machine throws(AMLDefect) in try machine.call(node) }
            } catch .tooIntricate {
                throw .tooIntricate
            } catch {
                if firstRefusal == nil { firstRefusal = "\(namespace.path(of: node)): \(error)" }
                try doubt(method.body)
            }
        }
    }
}

/// Why a device's `ADDR` leads nowhere.
enum AddressDefect: Error, Hashable, CustomStringConvertible {
    case missing
    case notEvaluated(AMLDefect)
    case notUnderstood
    case notPlaced
    case tooHigh

    /// The lowest page belongs to the firmware of old, and is where QEMU's method leads to before the
    /// firmware has placed the GUID. No processor has more than 52 bits of physical address. Any alignment
    /// is taken, as by Linux, although Microsoft's specification asks for 8 bytes.
    static func checked(_ address: UInt64) -> Result<UInt64, AddressDefect> {
        guard address >= 4096 else { return .failure(.notPlaced) }
        guard address < 1 << 52 - 16 else { return .failure(.tooHigh) }
        return .success(address)
    }

    var reason: UnusableReason {
        switch self {
        case .missing, .notUnderstood: .addressUnknown
        case .notEvaluated(.unreadable(_, let reason)): reason
        case .notEvaluated: .addressUnknown
        case .notPlaced: .notPlaced
        case .tooHigh: .addressRefused
        }
    }

    var description: String {
        switch self {
        case .missing: "it has no ADDR"
        case .notEvaluated(let defect): "its ADDR cannot be evaluated: \(defect)"
        case .notUnderstood: "its ADDR has a form that is not understood"
        case .notPlaced: "its ADDR is not set: the firmware has not placed the GUID"
        case .tooHigh: "its ADDR is above all physical addresses"
        }
    }
}
