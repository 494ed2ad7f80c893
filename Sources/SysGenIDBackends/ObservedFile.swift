internal import SysGenIDCore
internal import SysGenIDSystem

/// A file that holds an identity, looked at again and again.
struct ObservedFile {
    private let path: String
    private let domain: Identity.Domain
    private var steady = SteadyReading()
    /// The file's status before it was read last, and since when it has been that.
    private var status: FileStatus?
    private var statusMoment: UInt64 = 0
    /// Why there was no status at the last look.
    private var failure: SystemCallFailure?
    /// Whether the last look found the file, and the same one as the look before, untouched.
    private(set) var isAsBefore = false

    init(path: String, domain: Identity.Domain) {
        self.path = path
        self.domain = domain
    }

    /// Whether nothing was seen that a second look has to confirm.
    var isSettled: Bool { steady.isSettled }

    /// Looks at the file and returns what is to be reported.
    ///
    /// - Parameter isPrompted: something happened to the file, perhaps; it is read whatever its status is.
    mutating func look(isPrompted: Bool) -> [BackendReport] {
        do throws(SystemCallFailure) {
            let seen = try Files.status(path)
            let now = MonotonicClock.now()
            isAsBefore = seen == status
            if !isAsBefore {
                (status, failure) = (seen, nil)
                statusMoment = now
            } else if !isPrompted, steady.isWell, now - statusMoment > Self.coarsestTimeStamp {
                return []
            }
            return steady.take(try read(seen.kind))
        } catch {
            (status, isAsBefore) = (nil, false)
            if error == failure, steady.isSettled { return [] }
            failure = error
            return steady.take(.failure("cannot read \(path) (\(error.errno)): \(Self.remedy)"))
        }
    }

    /// Two changes within this time, in nanoseconds, may leave a file with the same status.
    private static let coarsestTimeStamp: UInt64 = 3_000_000_000

    private static let remedy = "write 16 bytes or a UUID to it, and let the daemon read it"

    private func read(_ kind: FileStatus.Kind) throws(SystemCallFailure) -> Reading {
        // Reading from a pipe or a device takes something away, and may never end.
        guard kind == .regular else {
            return .failure("\(path) is not a regular file: put one with 16 bytes or a UUID in its place")
        }
        let contents = try Files.read(path, limit: IdentityFile.sizeLimit + 1)
        do throws(IdentityFile.Defect) {
            let bytes = try IdentityFile.parse(contents)
            return Identity(domain: domain, bytes: bytes).map { .identity($0) } ?? .failure(defect(.neitherRawNorUUID))
        } catch {
            return .failure(defect(error))
        }
    }

    private func defect(_ defect: IdentityFile.Defect) -> String {
        switch defect {
        case .empty: "\(path) is empty: write 16 bytes or a UUID to it"
        case .tooLong: "\(path) is longer than \(IdentityFile.sizeLimit) bytes: write 16 bytes or a UUID to it"
        case .neitherRawNorUUID: "\(path) holds neither 16 bytes nor a UUID: write one of them to it"
        }
    }
}
