public import SysGenIDCore
public import SysGenIDSystem

/// A source of news that the system was resumed.
///
/// A backend only reports what it sees; whether that is a change is decided by the registry, so a backend
/// may announce the same identity any number of times.
public protocol Backend: Sendable {
    /// The name on the command line and in the published attributes.
    var name: String { get }

    /// Whether it has put off what clients need not wait for, until somebody prompts it.
    var hasPutOff: Bool { get }

    /// Reports what it sees now, and then whatever comes, until `stop` is raised. It runs on a thread of its
    /// own and may block there, as long as it notices `stop` at once.
    ///
    /// - Parameters:
    ///   - stop: readable when the backend has to return.
    ///   - prompt: readable when somebody asks it to look at once, also for what was not there before. It is the
    ///     backend's to clear.
    ///   - rehearse: takes an identity that the system does not have, and goes the way of a resume by it without making one.
    ///   - report: takes what the backend noticed, and says what an identity was known as. It may be called from this
    ///     thread only, as `rehearse`.
    func run(
        until stop: borrowing EventSignal, lookingAgainAt prompt: borrowing EventSignal,
        rehearse: (Identity) -> Void, report: (BackendReport) -> Recognition?)
}

extension Backend {
    public var hasPutOff: Bool { false }
}

/// What a backend reports.
public enum BackendReport: Hashable, Sendable {
    /// The system has this identity now, as the source of this name shows. One that is not the known one is a resume.
    case identity(Identity, by: String)
    /// The system has this identity now, which belongs to a resume that was reported already.
    case reserve(Identity)
    /// What was read of the hypervisor's vmclock, to be shown with the resume that follows; nil where none is read.
    case clock(HostClock?)
    /// What was read of it last is to be shown: no resume follows with it.
    case clockIsSettled
    /// From now on resumes are noticed by the source of this name.
    case deciding(String)
    /// A source cannot be read at the moment, with the reason in one line. It is reported once for each
    /// failure, not at each try.
    case unreadable(String)
    /// The source of this name can be read again.
    case readable(String)
    /// All that was there to be seen at the start has been reported.
    case hasLooked
}
