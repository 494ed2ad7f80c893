internal import SysGenIDCore

/// The short way from an announcement to the report of a resume: the source that decides is asked alone, and what it shows is
/// reported before all else is looked at and weighed, which comes to the same.
///
/// Between the resume and the report there is nothing that can be done before or after: most of what a processor needs then,
/// it has to fetch first.
struct ShortWays {
    /// By which source it goes, for each that may announce something.
    private var ways: [Way?]

    private struct Way {
        let decisive: Arbiter.Decisive
        /// What the announcing source showed last, where it is not the one that decides.
        let announced: Identity?
    }

    /// What is to be reported: which source shows it, and what.
    struct News {
        let index: Int
        let sighting: Sighting
    }

    init(sourceCount: Int) {
        ways = Array(repeating: nil, count: sourceCount)
    }

    /// Finds the way from what the source may announce next.
    ///
    /// - Parameter isAnnouncing: whether it tells of its changes.
    mutating func prepare(for announcer: Int, isAnnouncing: Bool, by arbiter: Arbiter) {
        let decisive = isAnnouncing ? arbiter.decisive(announcedBy: announcer) : nil
        ways[announcer] = decisive.map {
            Way(decisive: $0, announced: $0.index == announcer ? nil : arbiter.sources[announcer].identity)
        }
    }

    /// What the announcement of a source is about, as far as that can be told by a look at the one that decides.
    func news(announcedBy announcer: Int, _ lineup: Lineup) -> News? {
        guard let way = ways[announcer] else { return nil }
        if let announced = way.announced, lineup.news(of: announcer, since: announced) == nil { return nil }
        return lineup.news(of: way.decisive.index, since: way.decisive.seen).map {
            News(index: way.decisive.index, sighting: $0)
        }
    }
}
