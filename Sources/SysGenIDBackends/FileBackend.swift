public import SysGenIDCore
public import SysGenIDSystem

/// The backend that takes the identity from a file: a resume is announced by whoever makes the clones, by
/// writing another identity to it.
///
/// The file may be rewritten in place, replaced by another, removed and made again. It is looked at when
/// something happens in its directory, in five milliseconds twice at most, and ten times a second in any case, since
/// nothing is told of what happens below a bind mount or to a directory that is not there yet.
public struct FileBackend: Backend {
    private let path: String
    private let domain: Identity.Domain

    public init(path: String) {
        self.path = path
        domain = Identity.Domain("file:" + path)
    }

    public var name: String { "file" }

    public func run(
        until stop: borrowing EventSignal, lookingAgainAt prompt: borrowing EventSignal,
        rehearse: (Identity) -> Void, report: (BackendReport) -> Recognition?
    ) {
        var file = ObservedFile(path: path, domain: domain)
        var watch: DirectoryWatch?
        let (end, again, directory) = (0, 1, 2)
        var wakers = PollSet([stop.descriptor.rawValue, nil, nil])
        var (isPrompted, isResting, hasLooked) = (false, false, false)
        while true {
            // Another directory in its place has another file in it, and one that is moved or removed tells of that.
            let mayBeStale = isPrompted || !file.isAsBefore || wakers[directory] == nil
            if mayBeStale, watch?.isStale ?? true { watch = try? DirectoryWatch(containing: path) }
            for news in file.look(isPrompted: isPrompted) { _ = report(news) }
            if !hasLooked, file.isSettled {
                _ = report(.hasLooked)
                hasLooked = true
            }

            // The second look at something new comes a moment later, whatever happens until then. In a directory where much
            // else happens, which somebody without rights may see to, a look now and one a moment later are enough, too.
            let isSettled = file.isSettled
            let watches = isSettled && !isResting
            wakers[again] = isSettled ? prompt.descriptor.rawValue : nil
            wakers[directory] = watches ? watch?.descriptor.rawValue : nil
            isPrompted = wakers.wait(until: MonotonicClock.now() + (watches ? Self.interval : Self.moment))
            if watches, !isPrompted { continue }
            if wakers.isReady(end) { return }
            isResting = wakers.isReady(directory)
            prompt.clear()
            watch?.clear()
        }
    }

    /// How often the file is looked at in any case, in nanoseconds.
    private static let interval: UInt64 = 100_000_000
    /// How long after the first look at something new the second one comes, and after one the next for what happens.
    private static let moment: UInt64 = 5_000_000
}
