internal import CConformanceClients
internal import Glibc

/// The words of a page in the layout of a vmclock: include/uapi/linux/vmclock-abi.h of the kernel. All are little-endian.
enum ClockWord {
    static let magic = 0x00
    static let size = 0x04
    /// The version, of 16 bits, the counter's id and the type of the times.
    static let version = 0x08
    static let sequence = 0x0c
    static let flags = 0x18
    static let generationCounter = 0x68
    /// What there is of fields, in bytes.
    static let end = 0x70
}

extension Device {
    /// Opens the page that is under test.
    func openClock(_ flags: CInt = O_RDONLY) throws -> Watcher {
        Watcher(descriptor: try expectResult(client_open(clock, flags), "open"))
    }

    /// Whether it is the kernel's own driver that serves the page, and not the daemon.
    var isClockOfKernel: Bool {
        var status = stat()
        return stat(clock, &status) == 0 && status.st_mode & S_IFMT == S_IFCHR
    }
}

extension Watcher {
    /// A word of the page, by pread(2).
    func clockWord(at offset: Int) throws -> UInt32 {
        let answer = read(4, at: offset)
        guard answer.outcome == CLIENT_GENERATION else {
            throw Mismatch(step: "pread at \(offset)", expected: "four bytes", got: "\(answer)")
        }
        return UInt32(littleEndian: UInt32(truncatingIfNeeded: answer.value))
    }
}

extension Mapping {
    /// The sequence number and the counter, as a program reads them that trusts the first.
    var clock: (sequence: UInt32, counter: UInt64) {
        while true {
            let sequence = UInt32(littleEndian: word(at: ClockWord.sequence))
            guard sequence.isMultiple(of: 2) else { continue }
            let low = UInt32(littleEndian: word(at: ClockWord.generationCounter))
            let high = UInt32(littleEndian: word(at: ClockWord.generationCounter + 4))
            guard UInt32(littleEndian: word(at: ClockWord.sequence)) == sequence else { continue }
            return (sequence, UInt64(high) << 32 | UInt64(low))
        }
    }
}
