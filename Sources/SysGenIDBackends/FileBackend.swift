internal import SysGenIDCore
public import SysGenIDSystem

/// The backend that takes the identity from a file: a resume is announced by whoever makes the clones, by
/// writing another identity to it.
///
/// The file may be rewritten in place, replaced by another, removed and made again. It is looked at when
/// something happens in its directory, and ten times a second in any case, since nothing is told of what
/// happens below a bind mount or to a directory that is not there yet.
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
        report: (BackendReport) -> Void
    ) {
        var file = ObservedFile(path: path, domain: domain)
        var watch: DirectoryWatch?
        var isPrompted = false
        while true {
            if watch?.isStale ?? true { watch = try? DirectoryWatch(containing: path) }
            for news in file.look(isPrompted: isPrompted) { report(news) }

            // The second look at something new comes a moment later, whatever happens until then.
            let (end, again) = (stop.descriptor.rawValue, prompt.descriptor.rawValue)
            let wakers = [end] + (file.isSettled ? [again, watch?.descriptor.rawValue] : [])
            let ready = waitUntilReadable(wakers.compactMap(\.self), milliseconds: file.isSettled ? 100 : 5)
            if ready.contains(end) { return }
            isPrompted = !ready.isEmpty
            prompt.clear()
            watch?.clear()
        }
    }
}
