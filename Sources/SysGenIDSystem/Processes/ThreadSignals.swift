internal import CSysGenID
internal import SystemPackage

/// What a thread makes of signals, as /proc shows it. See proc_pid_status(5).
struct ThreadSignals: Sendable {
    /// Signals, a bit for each: the lowest one is signal 1.
    struct Mask: Hashable, Sendable, ExpressibleByIntegerLiteral {
        let bits: UInt64

        init(bits: UInt64) { self.bits = bits }
        init(integerLiteral bits: UInt64) { self.bits = bits }

        func union(_ other: Mask) -> Mask { Mask(bits: bits | other.bits) }

        func contains(_ signal: Signal) -> Bool {
            (1...64).contains(signal.rawValue) && bits >> UInt64(signal.rawValue - 1) & 1 == 1
        }
    }

    /// The thread has ended, and gets no signals any more.
    var isOver: Bool
    var blocked: Mask
    var ignored: Mask
    var caught: Mask
    /// What it waits for in sigwait(3): the kernel takes it out of `blocked` meanwhile. Asked for only where it matters.
    var awaited: @Sendable () -> Mask = { 0 }

    /// The groups of the process stand before its signals: up to 65536 of them, of ten digits.
    private static let statusLimit = 1_048_576

    /// - Parameter folder: the thread's in /proc.
    /// - Returns: nil where it cannot be seen.
    init?(folder: String) {
        do throws(SystemCallFailure) {
            self.init(status: try Files.read("\(folder)/status", limit: Self.statusLimit))
            awaited = {
                // Where its wait was over between the two looks, the signals are blocked again.
                let awaited = Self.awaited(folder: folder)
                let now = try? Files.read("\(folder)/status", limit: Self.statusLimit)
                return awaited.union(now.flatMap(ThreadSignals.init(status:))?.blocked ?? 0)
            }
        } catch {
            guard error.errno == .noSuchFileOrDirectory || error.errno == .noSuchProcess else { return nil }
            self.init(isOver: true, blocked: 0, ignored: 0, caught: 0)
        }
    }

    init(isOver: Bool, blocked: Mask, ignored: Mask, caught: Mask) {
        self.isOver = isOver
        self.blocked = blocked
        self.ignored = ignored
        self.caught = caught
    }

    /// Reads the contents of a `status` file.
    init?(status: [UInt8]) {
        let fields = StatusFields(status)
        guard let state = fields["State"]?.first, let blocked = fields["SigBlk"].flatMap(Mask.init),
            let ignored = fields["SigIgn"].flatMap(Mask.init), let caught = fields["SigCgt"].flatMap(Mask.init)
        else { return nil }
        let isOver = state == UInt8(ascii: "Z") || state == UInt8(ascii: "X")
        self.init(isOver: isOver, blocked: blocked, ignored: ignored, caught: caught)
    }

    /// It takes the right to trace the thread, which a parent has but for a program with more rights.
    private static func awaited(folder: String) -> Mask {
        guard let call = try? Files.read("\(folder)/syscall", limit: 256), let address = addressOfAwaited(inCall: call),
            let memory = try? openFile("\(folder)/mem", .readOnly)
        else { return 0 }
        var bits: UInt64 = 0
        let isWhole = withUnsafeMutableBytes(of: &bits) { bytes in
            (try? memory.read(into: bytes, at: address))?.count == bytes.count
        }
        return isWhole ? Mask(bits: bits) : 0
    }

    /// Where a thread has the set of the signals that it waits for; nil where it does not wait for any. See
    /// proc_pid_syscall(5) and rt_sigtimedwait(2).
    static func addressOfAwaited(inCall call: [UInt8]) -> Int64? {
        let words = call.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") }
        guard words.count > 1, words[0].elementsEqual("\(CSYSGENID_SIGTIMEDWAIT)".utf8),
            words[1].starts(with: "0x".utf8)
        else { return nil }
        return Int64(String(decoding: words[1].dropFirst(2), as: UTF8.self), radix: 16)
    }
}

extension ThreadSignals.Mask {
    /// Reads the sixteen digits of the kernel.
    fileprivate init?(_ text: ArraySlice<UInt8>) {
        guard text.count == 16, text.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }),
            let bits = UInt64(String(decoding: text, as: UTF8.self), radix: 16)
        else { return nil }
        self.init(bits: bits)
    }
}
