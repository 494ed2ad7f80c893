/// A VM generation ID device in a block of ACPI Machine Language: a device that says by its `_HID` or `_CID`
/// what it is, and by the object `ADDR` where its GUID lies.
struct GenerationDevice: Hashable {
    /// What its `ADDR` is.
    enum Address: Hashable {
        case missing
        /// Data that begins here.
        case data(Range<Int>)
        /// A method without arguments, and where its statements lie.
        case method(Range<Int>)
        /// A method that takes arguments, or one of several objects of that name.
        case unusable
    }

    var address: Address

    /// How many devices of a block are looked at. A machine has one.
    static let countLimit = 4

    /// The devices of a block, in its order.
    ///
    /// Most of what a table holds need not be understood: each pair of bytes that may begin a device is
    /// tried, wherever it stands, and what turns out to be none is left out.
    ///
    /// - Throws: only where the block makes too much work, as with more devices than any machine has.
    static func all(in block: [UInt8]) throws(AMLDefect) -> [GenerationDevice] {
        var reader = AMLReader(block)
        var devices: [GenerationDevice] = []
        for start in block.indices.dropLast()
        where block[start] == AMLOpcode.extended && block[start + 1] == AMLOpcode.Extended.device {
            reader.move(to: start + 2..<block.count)
            do throws(AMLDefect) {
                guard let device = try reader.generationDevice() else { continue }
                guard devices.count < countLimit else { throw .tooIntricate }
                devices.append(device)
            } catch .tooIntricate {
                throw .tooIntricate
            } catch {}
        }
        return devices
    }
}

/// The names by which a device says that it is a VM generation ID device.
enum GenerationDeviceID {
    /// Whether this is one of them. As in Linux, lower case counts as upper case, and an asterisk at the
    /// beginning is left out.
    static func isKnown(_ id: [UInt8]) -> Bool {
        let id = id.first == UInt8(ascii: "*") ? id.dropFirst() : id[...]
        return known.contains(id.map(uppercased))
    }

    /// Linux's driver takes the first two; `VM_Gen_Counter` is what Microsoft's specification prescribes as
    /// the `_CID`. The last is the `_HID` of QEMU.
    private static let known: Set<[UInt8]> = Set(["VM_GEN_COUNTER", "VMGENCTR", "QEMUVGID"].map { Array($0.utf8) })

    private static func uppercased(_ character: UInt8) -> UInt8 {
        UInt8(ascii: "a")...UInt8(ascii: "z") ~= character ? character - 0x20 : character
    }
}

extension AMLReader {
    /// Reads a device from its PkgLength on (ACPI 6.5, 20.2.5.2).
    ///
    /// - Returns: nil where it is another device. What follows an object that is not known is not looked at.
    fileprivate mutating func generationDevice() throws(AMLDefect) -> GenerationDevice? {
        try inPackage { body throws(AMLDefect) in
            guard !(try body.name()).segments.isEmpty else { throw .unknown }
            var isFound = false
            var address = GenerationDevice.Address.missing
            while !body.isAtEnd, let object = try body.knownObject() {
                switch object {
                case .data(let name, let data) where name.onlySegment == .hardwareID:
                    isFound = try body.holdsGenerationDeviceID(data) || isFound
                case .data(let name, let data) where name.onlySegment == .compatibleID:
                    isFound = try body.holdsGenerationDeviceID(data) || isFound
                case .data(let name, let data) where name.onlySegment == .address:
                    address = address == .missing ? .data(data) : .unusable
                case .method(let name, let content) where name.onlySegment == .address:
                    address = address == .missing ? body.method(content) : .unusable
                case .data, .method, .other:
                    continue
                }
            }
            return isFound ? GenerationDevice(address: address) : nil
        }
    }

    /// The next object; nil where it is not known.
    private mutating func knownObject() throws(AMLDefect) -> AMLObject? {
        do throws(AMLDefect) {
            return try object()
        } catch .tooIntricate {
            throw .tooIntricate
        } catch {
            return nil
        }
    }

    /// Whether data is an ID of the device, or a package of IDs with one of them (ACPI 6.5, 6.1.2 and 6.1.5).
    /// An integer, as which other devices' IDs are encoded, is none.
    private mutating func holdsGenerationDeviceID(_ data: Range<Int>) throws(AMLDefect) -> Bool {
        let after = rest
        defer { move(to: after) }
        move(to: data)
        switch next {
        case AMLOpcode.stringPrefix:
            return GenerationDeviceID.isKnown(try string())
        case AMLOpcode.package:
            _ = try byte()
            return try inPackage { elements throws(AMLDefect) in
                _ = try elements.byte()
                var isKnown = false
                while !elements.isAtEnd {
                    if elements.next == AMLOpcode.stringPrefix {
                        isKnown = GenerationDeviceID.isKnown(try elements.string()) || isKnown
                    } else {
                        _ = try elements.integer()
                    }
                }
                return isKnown
            }
        default:
            return false
        }
    }

    /// What a method is as an address, by its flags: the lowest three bits count its arguments.
    private func method(_ content: Range<Int>) -> GenerationDevice.Address {
        guard let flags = block[content].first, flags & 0b111 == 0 else { return .unusable }
        return .method(content.dropFirst())
    }
}
