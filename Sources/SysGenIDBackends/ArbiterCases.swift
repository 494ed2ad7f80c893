extension Arbiter {
    /// What a witness shows, compared with what it showed before.
    enum Sign: Int, CaseIterable {
        case same, another
        /// Another line of the log, which tells of a VM generation ID that is read here, too, from the right place, and was
        /// looked at since.
        case explainedLine
        /// Another line of the log, of what the others may show as soon as they are looked at: it was there to be seen
        /// before the line, and so before these readings.
        case earlyLine
        /// Another line of the log, and all others were looked at since, or there are none.
        case lateLine

        var isLine: Bool {
            switch self {
            case .same, .another: false
            case .explainedLine, .earlyLine, .lateLine: true
            }
        }
    }

    /// What is made of a sign.
    enum Ruling {
        /// Nothing follows.
        case leave
        /// It is compared with nothing: the registry remembers it.
        case remember
        /// It belongs to a resume that is counted: the registry remembers it once nothing more is owed.
        case attribute
        /// The registry says whether it is a resume. One that is has the others owe it, and all are looked at again at once.
        case report
        /// All others are looked at first, at once.
        case postpone
    }

    struct Row {
        let sign: Sign
        let forgotten, owing, told: Ruling

        init(_ sign: Sign, forgotten: Ruling, owing: Ruling, told: Ruling) {
            (self.sign, self.forgotten, self.owing, self.told) = (sign, forgotten, owing, told)
        }
    }

    /// What is made of a witness's sign by what the registry knows of the witness: a row for each sign, in their order.
    static let table = [
        Row(.same, forgotten: .leave, owing: .leave, told: .leave),
        Row(.another, forgotten: .remember, owing: .attribute, told: .report),
        Row(.explainedLine, forgotten: .remember, owing: .attribute, told: .attribute),
        Row(.earlyLine, forgotten: .remember, owing: .attribute, told: .postpone),
        Row(.lateLine, forgotten: .remember, owing: .attribute, told: .report),
    ]

    static func ruling(on sign: Sign, of account: Witness.Account) -> Ruling {
        let row = table[sign.rawValue]
        return switch account {
        case .forgotten: row.forgotten
        case .owing: row.owing
        case .told: row.told
        }
    }
}
