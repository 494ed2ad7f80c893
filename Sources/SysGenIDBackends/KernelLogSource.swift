internal import SysGenIDCore
internal import SysGenIDSystem

/// The kernel's own word: the number of the record in which it last said that it has seen another VM generation ID.
///
/// The log outlives the daemon, so that a resume which came while none ran is noticed, too. What it is good for
/// depends on the kernel's driver: without a device of its own it never says anything (drivers/virt/vmgenid.c).
final class KernelLogSource: IdentitySource {
    private let log: KernelLog
    private let progress = Lock(Progress())

    private struct Progress {
        /// The number of the last record that tells of a resume: 1 for the log's first, 0 for none.
        var number: UInt64 = 0
        /// Whether the kernel has dropped records since that was told last.
        var isOverrun = false
        /// The beginning of a line whose end has not come yet, as it may be in a plain file.
        private var part: [UInt8] = []

        /// Takes what one read of the log gives.
        mutating func take(_ bytes: UnsafeRawBufferPointer) {
            var lines = bytes.parts(between: "\n")
            while let line = lines.nextEnded() {
                guard !part.isEmpty else {
                    take(line: line)
                    continue
                }
                let whole = part + line
                part = []
                whole.withUnsafeBytes { take(line: $0) }
            }
            guard let rest = lines.rest, !rest.isEmpty else { return }
            part = Array((part + rest).prefix(KernelLog.recordLimit))
        }

        private mutating func take(line: UnsafeRawBufferPointer) {
            guard KernelLogRecord.mayBeVirtualMachineFork(line), let record = KernelLogRecord(line),
                record.isVirtualMachineFork
            else { return }
            number = max(number, record.sequenceNumber &+ 1)
        }
    }

    /// Opens the log and reads what is in it.
    ///
    /// - Parameters:
    ///   - systemRoot: the directory below which /sys and /dev are.
    ///   - opened: the log, where it is open already.
    init(systemRoot: String, _ opened: KernelLog? = nil) throws(SourceFailure) {
        if let opened { log = opened } else { log = try Self.log(systemRoot: systemRoot) }
        // What the log had dropped before is no loss of ours.
        _ = progress.withLock { progress in
            log.take {
                progress.take($0)
                return true
            }
        }
    }

    /// Opens the log.
    ///
    /// - Parameter systemRoot: the directory below which /sys and /dev are.
    static func log(systemRoot: String) throws(SourceFailure) -> KernelLog {
        guard hasDevice(systemRoot) else {
            throw SourceFailure(
                .noDevice,
                "the kernel has no VM generation ID device, and so says nothing of resumes: "
                    + "it takes Linux 5.18 with CONFIG_VMGENID, and a hypervisor that has the device")
        }
        do throws(SystemCallFailure) { return try KernelLog(systemRoot: systemRoot) } catch {
            throw SourceFailure(
                UnusableReason(error),
                "the kernel's log cannot be read (\(error)): it can be by root, with CAP_SYSLOG")
        }
    }

    func identity() throws(SourceFailure) -> Identity {
        let (number, isOverrun) = progress.withLock { progress in
            takeRecords(&progress)
            defer { progress.isOverrun = false }
            return (progress.number, progress.isOverrun)
        }
        guard !isOverrun else {
            throw SourceFailure(
                .logOverrun,
                "the kernel's log was overrun: a resume would have gone unnoticed; look for what floods it")
        }
        return Identity(domain: .kernelLog, high: 0, low: number)
    }

    func news(since seen: Identity) -> Sighting? {
        let number = progress.withLock { progress in
            takeRecords(&progress)
            return progress.number
        }
        guard number != seen.low else { return nil }
        return Sighting(identity: Identity(domain: .kernelLog, high: 0, low: number))
    }

    var pollDescriptor: CInt? { log.descriptor }

    func rehearse() {
        var played = Progress()
        Array("6,0,0,-;\(KernelLogRecord.forkText)\n".utf8).withUnsafeBytes { played.take($0) }
    }

    /// Takes the records that have come, up to one that tells of a resume: nobody is to wait for what comes after it.
    private func takeRecords(_ progress: inout Progress) {
        let known = progress.number
        let isComplete = log.take {
            progress.take($0)
            return progress.number == known
        }
        if !isComplete { progress.isOverrun = true }
    }

    /// Whether the kernel's driver has a device: below the bus of ACPI until 6.9, below that of the platform
    /// since then.
    private static func hasDevice(_ systemRoot: String) -> Bool {
        ["acpi", "platform"].contains { bus in
            let path = "\(systemRoot)/sys/bus/\(bus)/drivers/vmgenid"
            let names = (try? Files.names(in: path, limit: 256)) ?? []
            return !Set(names).subtracting(["bind", "unbind", "uevent", "module"]).isEmpty
        }
    }
}
