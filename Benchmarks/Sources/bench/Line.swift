/// One line of the table: a figure, and what it is held against.
struct Line: Codable {
    enum Unit: String, Codable {
        case nanoseconds, kibibytes, bytes, percent, factor
    }

    /// What is asked of sysgenidd.
    enum Goal: Codable {
        /// At most so many times the floor.
        case ratio(Double)
        /// At most this, in the unit of the line.
        case value(Double)
    }

    var figure: String
    var processors: Processors?
    var unit: Unit
    /// What the machine can do, where that can be measured.
    var floor: Double?
    var sysgenidd: Double
    var cDaemon: Double?
    /// The medians of the ratios in each round.
    var ratio: Double?
    var cRatio: Double?
    var goal: Goal?

    /// nil where nothing is asked.
    var isMet: Bool? {
        switch goal {
        case .ratio(let limit)?: (ratio ?? .infinity) <= limit
        case .value(let limit)?: sysgenidd <= limit
        case nil: nil
        }
    }
}

/// The value in the middle.
func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    let half = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
}

/// The values of one figure, a round at each index.
struct Samples {
    var floor: [Double] = []
    var sysgenidd: [Double] = []
    var cDaemon: [Double] = []

    /// The two of a round were measured within moments, so that what disturbs one disturbs the other, too.
    static func ratio(_ figure: [Double], to floor: [Double]) -> Double {
        median(zip(figure, floor).map { $0 / $1 })
    }

    func line(_ figure: String, _ processors: Processors?, goal: Line.Goal?) -> Line {
        Line(
            figure: figure, processors: processors, unit: .nanoseconds, floor: median(floor),
            sysgenidd: median(sysgenidd), cDaemon: median(cDaemon), ratio: Self.ratio(sysgenidd, to: floor),
            cRatio: Self.ratio(cDaemon, to: floor), goal: goal)
    }
}
