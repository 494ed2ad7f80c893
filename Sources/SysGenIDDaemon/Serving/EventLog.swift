internal import Logging
internal import SysGenIDCore
internal import SysGenIDFrontends
internal import SysGenIDFuse
internal import SysGenIDSystem

/// Tells in the log what the service reports. What a client can bring about at will is told at most once a
/// second for each kind.
///
/// Changes are only taken down, and told by `tellChanges`: to make a line of each must not hold up a client.
final class EventLog: Sendable {
    private let logger: Logger
    private let changes = Lock(Changes())
    private let quiet = Lock<[Kind: (until: UInt64, suppressed: Int)]>([:])

    private enum Kind: Hashable {
        case limit(Refusal), denial, overwrite, record, container
        case library(LibraryLog.Kind)
    }

    private struct Changes {
        var untold: [(generation: Generation, cause: ServiceEvent.Cause)] = []
        /// How many came when there was no room.
        var leftOut = 0
    }

    /// How many changes are kept until they are told.
    static let changeLimit = 1_024

    init(_ logger: Logger) {
        self.logger = logger
    }

    func report(_ event: ServiceEvent) {
        switch event {
        case .changed(let generation, let cause):
            if case .backend(_, let reseed) = cause, let failure = reseed.failureText {
                logger.warning(
                    "the kernel's random generator was not reseeded for generation \(generation): \(failure)")
            }
            changes.withLock { changes in
                guard changes.untold.count < Self.changeLimit else { return changes.leftOut += 1 }
                changes.untold.append((generation, cause))
            }
        case .wrappedAround:
            logger.warning("the generation counter has passed 4294967295 and started again at 1")
        case .identityAdopted:
            logger.info("the identity of this system is known now; its next change is a resume")
        case .pageOverwritten(let seen, let generation):
            limited(.overwrite, .error) {
                "a process with write access to the device has written to the counter page: it showed \(seen) and is "
                    + "set right to \(generation); look for it among the members of the device's group"
            }
        case .containerChanged(let name, let generation, let cause):
            limited(.container, .info) { "generation \(generation) of the container \(name): \(cause)" }
        case .containerPageOverwritten(let name, let seen, let generation):
            limited(.overwrite, .error) {
                "a process with write access to the device of the container \(name) has written to its page: it showed "
                    + "\(seen) and is set right to \(generation)"
            }
        case .triggerDenied(let thread, let userID):
            limited(.denial, .warning) {
                "process \(thread) of user \(userID) may not trigger a change: "
                    + "it needs CAP_CHECKPOINT_RESTORE or CAP_SYS_ADMIN"
            }
        case .requestDropped(let opcode, let thread, let userID):
            logger.error(
                """
                a request of process \(thread) of user \(userID) (opcode \(opcode) of FUSE) was refused: the last \
                daemons have ended over it; please report that
                """)
        case .requestsAreLimited(let seconds, let longestWait):
            logger.notice("\(RequestTimeouts.remark(seconds: seconds, longestWait: longestWait))")
        case .limitReached(.tooManyWatchers):
            limited(.limit(.tooManyWatchers), .warning) {
                "the device is open as often as it can be, or as one user may have it open: raise --max-watchers, or"
                    + " find who leaves it open"
            }
        case .limitReached(let refusal):
            limited(.limit(refusal), .warning) { "too many requests wait at the same time: one was refused" }
        case .recordFailed(let failure):
            limited(.record, .error) { "the state for a successor cannot be kept: \(failure)" }
        case .recordWorksAgain: logger.notice("the state for a successor is kept again")
        case .leftBehind(let failure):
            logger.error(
                "the device is left behind (\(failure)): run 'umount -l' on its path, and remove what is there")
        case .triggerFailed(let failure):
            logger.error(
                """
                the device could not be triggered (\(failure)): those who have it open have not learned of the change; it \
                is tried again
                """)
        case .triggerWorksAgain: logger.notice("the device was triggered now: who has it open learns of the change")
        }
    }

    /// Tells what libfuse says. A client can bring it about, too.
    func report(_ message: LibraryLog.Message) {
        limited(.library(message.kind), message.isFailure ? .warning : .info) { "libfuse: \(message.text)" }
    }

    /// Tells of the changes since the last time.
    func tellChanges() {
        let told = changes.withLock { changes in
            defer { changes = Changes() }
            return changes
        }
        for change in told.untold {
            logger.notice("generation \(change.generation): \(change.cause)\(change.cause.reseedRemark)")
        }
        if told.leftOut > 0 { logger.notice("and \(told.leftOut) changes more") }
    }

    private func limited(_ kind: Kind, _ level: Logger.Level, _ message: () -> String) {
        let now = MonotonicClock.now()
        let suppressed: Int? = quiet.withLock { quiet in
            if let entry = quiet[kind], entry.until > now {
                quiet[kind]?.suppressed += 1
                return nil
            }
            return quiet.updateValue((now + 1_000_000_000, 0), forKey: kind)?.suppressed ?? 0
        }
        guard let suppressed else { return }
        let addition = suppressed == 0 ? "" : " (and \(suppressed) times more before)"
        logger.log(level: level, "\(message())\(addition)")
    }
}

extension ServiceEvent.Cause {
    /// From what the kernel was reseeded; what keeps it from that is a line of its own.
    fileprivate var reseedRemark: String {
        guard case .backend(_, let reseed) = self, reseed.failure == nil else { return "" }
        let sources =
            reseed.hostEntropyMissing.map { "the identity alone: \($0)" } ?? "the identity and the host's entropy"
        return "; the kernel was reseeded from \(sources)"
    }
}
