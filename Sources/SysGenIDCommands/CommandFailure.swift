import SysGenID
import SysGenIDSystem

/// Why a command ends before its work is done, in the words of whoever started it.
struct CommandFailure: Error, Hashable, Sendable {
    /// The exit status. Wrong usage has one of the argument library's (64).
    enum Status: Int32, Sendable {
        case failed = 1
        case timedOut = 3
        case notPermitted = 4
        /// As a shell has them, of the program that was to be run.
        case programNotStarted = 126
        case programNotFound = 127
    }

    var status = Status.failed
    /// What happened, and to what.
    var event: String
    /// What to do next.
    var advice: String

    /// The one line that is printed.
    var line: String { "sysgenidctl: \(event); \(advice)" }
}

extension CommandFailure {
    /// The device at the path is no longer served.
    static func gone(_ path: String) -> CommandFailure {
        CommandFailure(
            event: "\(path) is not served: its daemon has ended", advice: "start sysgenidd, then try again")
    }

    /// Watchers of the device at the path were not up to date in time.
    static func timedOut(_ path: String) -> CommandFailure {
        CommandFailure(
            status: .timedOut, event: "timed out: tracked watchers of \(path) are still outdated",
            advice: "allow more time with --timeout, or look at the programs that watch")
    }

    /// A program makes nothing of the signal of a change.
    ///
    /// - Parameter outcome: what the signal does to it, or would do.
    static func untaken(_ signal: Signal, by program: String, _ outcome: SignalOutcome) -> CommandFailure {
        var advice = "name with --signal one that it takes, or use --restart"
        let event: String
        switch outcome {
        case .ends:
            event =
                "\(program) has no handler for the signal \(signal), which would end it: it is sent once there is one"
            advice += " or --force"
        case .stops:
            event =
                "\(program) has no handler for the signal \(signal), which would stop it: it is sent once there is one"
            advice += " or --force"
        case .unknown:
            event =
                "cannot see in /proc whether \(program) has a handler for the signal \(signal): it is sent all the same"
            advice = "let /proc show the program"
        case .ignored, .taken, .keptBack, .isOver:
            event = "\(program) ignores the signal \(signal), and does not notice the change"
        }
        return CommandFailure(event: event, advice: advice)
    }

    /// What a failure of the device means to a user.
    init(_ failure: DeviceFailure) {
        let path = failure.cause.subject
        event = "cannot \(failure.operation.phrase) \(path): \(failure.cause.errno)"
        advice = "see whether sysgenidd has logged a reason"
        switch failure.reason {
        case .notFound:
            advice = "start sysgenidd, or say with --device where the device is"
        case .notPermitted:
            status = .notPermitted
            advice =
                failure.operation == .trigger
                ? "it takes CAP_CHECKPOINT_RESTORE or CAP_SYS_ADMIN in the user namespace of sysgenidd, or to own the "
                    + "container whose device it is: run it as root"
                : "run it as root or as a member of the group that owns the device"
        case .notTheDevice:
            event = "\(path) is not a System Generation ID device"
            advice = "say with --device where the device is"
        case .gone:
            self = .gone(path)
        case .unmappable where failure.cause.errno == .operationNotSupportedByDevice:
            advice =
                "the character device of this kernel's CUSE has no mmap: start sysgenidd with --frontend fuse or auto, "
                + "or use the preload library"
        case .unmappable where failure.cause.call == "read":
            event = "\(path) holds no offset in a page"
            advice = "start sysgenidd again, or say with SYSGENID_RUNTIME_DIR where it publishes"
        case .unsupported:
            advice = "the device serves another version of the interface: update sysgenidd"
        case .timedOut:
            self = .timedOut(path)
        case .upToDate, .notCurrent, .callerOutdated, .interrupted:
            advice = "try again"
        case .unmappable, .other:
            break
        }
    }
}

extension DeviceFailure.Operation {
    /// The operation, as it reads between "cannot" and the device.
    fileprivate var phrase: String {
        switch self {
        case .open: "open"
        case .read: "read"
        case .acknowledge: "acknowledge the generation of"
        case .waitForChange: "wait for a change of"
        case .map: "map"
        case .setTracking: "turn tracking on or off at"
        case .waitForWatchers: "wait for the watchers of"
        case .trigger: "trigger a generation change of"
        case .countOutdated: "count the outdated watchers of"
        }
    }
}
