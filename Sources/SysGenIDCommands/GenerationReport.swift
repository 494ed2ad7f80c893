import FoundationEssentials
import SysGenID
import SysGenIDJSON

/// One generation, as `trigger` and `probe` print it, and with its time as `watch` does.
struct GenerationReport: Sendable {
    var generation: Generation
    /// When it was noticed.
    var moment: Date?

    init(_ generation: Generation, noticed moment: Date? = nil) {
        self.generation = generation
        self.moment = moment
    }

    func line(asJSON: Bool) -> String {
        let number = JSON.number(Int(generation.rawValue))
        guard let moment else {
            return asJSON ? JSON.object(["generation": number]).text : "\(generation)"
        }
        let timestamp = Output.timestamp(moment)
        return asJSON
            ? JSON.object(["generation": number, "timestamp": .string(timestamp)]).text
            : "\(timestamp) generation \(generation)"
    }
}
