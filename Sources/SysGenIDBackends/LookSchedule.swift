/// When a source is looked at next, and why: by how it stands. All times are in nanoseconds.
enum LookSchedule: Hashable {
    /// It could not be opened, so many times, and is tried again at that moment.
    case retry(at: UInt64, tries: Int)
    /// It was tried often enough: what comes later takes a restart.
    case givenUp
    /// It could be read at that moment.
    case well(lastLook: UInt64, Announcement)
    /// It is open, and could not be read at that moment.
    case failing(lastLook: UInt64, Announcement)

    /// Whether the source tells of its changes.
    enum Announcement: CaseIterable {
        case none, awaited, given
    }

    enum Reason {
        case retry, prompt, announcement, failure, age
    }

    static let untried = LookSchedule.retry(at: 0, tries: 0)

    /// It is not tried at the start, but a while later.
    static func putOff(at now: UInt64) -> LookSchedule { .retry(at: now + firstInterval, tries: 0) }

    /// How often a source is tried again that could not be opened, at intervals of one second, two, four and so on:
    /// a daemon that starts early may be there before the modules are.
    static let furtherTries = 7
    private static let firstInterval: UInt64 = 1_000_000_000

    /// Why a look is due; nil where none is.
    ///
    /// - Parameters:
    ///   - isPrompted: something gives reason to look at all that is open.
    ///   - patience: how long a reading is good as long as nothing gives reason to look.
    func due(at now: UInt64, isPrompted: Bool, patience: UInt64) -> Reason? {
        switch self {
        case .retry(let moment, _): now >= moment ? .retry : nil
        case .givenUp: nil
        case .failing: .failure
        case .well where isPrompted: .prompt
        case .well(_, .given): .announcement
        case .well(let lastLook, let word): now - lastLook >= Self.patience(patience, word) ? .age : nil
        }
    }

    /// When the next look is due, if nothing gives reason to look before; nil where there is nothing to look at.
    ///
    /// - Parameter interval: how often to look at what may have changed without a word.
    func next(every interval: UInt64, patience: UInt64) -> UInt64? {
        switch self {
        case .retry(let moment, _): moment
        case .givenUp: nil
        case .failing(let lastLook, _): lastLook + interval
        case .well(let lastLook, let word): lastLook + max(interval, Self.patience(patience, word))
        }
    }

    private static func patience(_ patience: UInt64, _ word: Announcement) -> UInt64 {
        word == .none ? patience : max(patience, Lineup.longestSilence)
    }

    mutating func noteRefusal(at now: UInt64) {
        guard case .retry(_, let tries) = self else { return }
        let interval = Self.firstInterval << UInt64(tries)
        self = tries < Self.furtherTries ? .retry(at: now + interval, tries: tries + 1) : .givenUp
    }

    /// It was looked at, whereby it was opened if it was not open.
    mutating func noteLook(at now: UInt64, isWell: Bool) {
        let word = announcement == .given ? .awaited : announcement
        self = isWell ? .well(lastLook: now, word) : .failing(lastLook: now, word)
    }

    mutating func tryAgain() {
        switch self {
        case .retry, .givenUp: self = .untried
        case .well, .failing: break
        }
    }

    /// What is not open announces nothing.
    var announcement: Announcement {
        get {
            switch self {
            case .retry, .givenUp: .none
            case .well(_, let word), .failing(_, let word): word
            }
        }
        set {
            switch self {
            case .retry, .givenUp: break
            case .well(let lastLook, _): self = .well(lastLook: lastLook, newValue)
            case .failing(let lastLook, _): self = .failing(lastLook: lastLook, newValue)
            }
        }
    }
}
