internal import SysGenIDCore

/// What the daemon tells the service manager of itself, and when: what matters at once, how many watchers there
/// are now and then.
struct StatusText: Sendable {
    /// What the text is made of.
    struct Facts: Hashable, Sendable {
        /// What is served and by what, as "serving /dev/sysgenid by fuse, backend file, generation 3".
        var summary: String
        /// Nil where only the kernel knows.
        var watchers: Int?
        /// What is wrong; empty where nothing is.
        var complaint = ""

        var text: String {
            let count = watchers.map { $0 == 1 ? ", 1 watcher" : ", \($0) watchers" } ?? ""
            return "\(summary)\(count)\(complaint.isEmpty ? "" : "; \(complaint)")"
        }
    }

    private var told: (facts: Facts, moment: UInt64)?
    /// How long a new number of watchers waits for the next text, in nanoseconds.
    static let watcherInterval: UInt64 = 5_000_000_000

    /// Takes the facts as they are now; the text where it is to be told.
    mutating func take(_ facts: Facts, now: UInt64) -> String? {
        if let told {
            guard facts != told.facts else { return nil }
            let isUrgent = facts.summary != told.facts.summary || facts.complaint != told.facts.complaint
            guard isUrgent || now >= told.moment + Self.watcherInterval else { return nil }
        }
        told = (facts, now)
        return facts.text
    }
}
