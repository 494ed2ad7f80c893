import StateModel

extension FuzzTarget {
    /// The state machine. The bytes choose the events of a sequence, and now and then a takeover; what the registry
    /// does has to be what the model does.
    static let state = FuzzTarget(name: "state") { bytes in
        var run = ComparedRun(ByteChoices(Array(bytes.dropFirst(2))))
        let takeoverAt = Int(bytes.first ?? 0)
        let lateFrom = Int(bytes.dropFirst().first ?? 0)
        var number = 0
        while run.canGoOn {
            number += 1
            let complaint = run.step(isLate: number > lateFrom)
            try demand(complaint == nil, "event \(number): \(complaint!)")
            guard takeoverAt > 0, number.isMultiple(of: takeoverAt), number <= lateFrom else { continue }
            let defect = run.takeOver()
            try demand(defect == nil, "a takeover after event \(number): \(defect!)")
        }
        return run.reached.contains("generation")
    }
}
