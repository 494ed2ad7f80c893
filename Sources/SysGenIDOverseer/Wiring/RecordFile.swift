import SysGenIDSystem

/// The file with the record for an overseer that comes after this one, in a directory that this one has for itself.
struct RecordFile: ~Copyable {
    private let path: String
    private let boot: String
    /// Held as long as the overseer runs.
    private let lock: NamedFile

    /// Why the overseer cannot have the directory.
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    /// Makes the directory where it is missing, checks and locks it.
    init(in directory: String) throws(Failure) {
        let status = try Self.explaining(directory) { () throws(SystemCallFailure) in
            if !Files.exists(directory) { try Files.makeDirectories(directory, permissions: 0o700) }
            return try Files.status(directory)
        }
        guard status.permissions & 0o022 == 0, [0, OwnProcess.effectiveUserID].contains(status.userID) else {
            throw Failure(
                description: "others than root may write to \(directory): give it to root, with the mode 0700")
        }
        let id = try Self.explaining(directory) { () throws(SystemCallFailure) in
            try Files.read("/proc/sys/kernel/random/boot_id", limit: 36)
        }
        lock = try Self.lock(directory)
        boot = String(decoding: id, as: UTF8.self)
        path = "\(directory)/record"
    }

    private static func lock(_ directory: String) throws(Failure) -> NamedFile {
        let path = "\(directory)/lock"
        let file = try explaining(directory) { () throws(SystemCallFailure) in try NamedFile.ownPlainFile(path) }
        guard let file else { throw Failure(description: "\(path) is no plain file: remove it") }
        let isFree: Bool
        do throws(SystemCallFailure) {
            isFree = try file.lockExclusively()
        } catch {
            throw Failure(description: "\(directory) cannot be used: \(error)")
        }
        guard isFree else {
            throw Failure(description: "another overseer has \(directory): end it, or use --overseer-dir")
        }
        return file
    }

    private static func explaining<Value: ~Copyable>(
        _ directory: String, _ body: () throws(SystemCallFailure) -> Value
    ) throws(Failure) -> Value {
        do {
            return try body()
        } catch {
            throw Failure(description: "\(directory) cannot be used: \(error)")
        }
    }

    enum Contents {
        case none
        /// It is no record, or one of another boot.
        case unusable
        case record(Readiness.Record)
    }

    /// Reads what an overseer before this one has left.
    func read() -> Contents {
        guard Files.exists(path) else { return .none }
        guard let contents = try? Files.read(path, limit: Readiness.Record.sizeLimit + 1),
            let record = Readiness.Record(contents, boot: boot)
        else { return .unusable }
        return .record(record)
    }

    /// Replaces the record, whole.
    func write(_ record: Readiness.Record) throws(SystemCallFailure) {
        try Files.replace(path, with: Array(record.text(boot: boot).utf8), permissions: 0o600)
    }
}
