import SysGenID
import SysGenIDJSON

/// What `probe` prints: the generation, and the counter of the hypervisor's own page.
struct ProbeReport: Sendable {
    var generation: Generation
    /// nil where the page cannot be mapped, or has no counter.
    var hypervisorCounter: UInt64?

    init(_ generation: Generation, hypervisorCounter: UInt64? = nil) {
        self.generation = generation
        self.hypervisorCounter = hypervisorCounter
    }

    init(_ probe: GenerationProbe) {
        self.init(probe.load(), hypervisorCounter: probe.hypervisorCounter)
    }

    /// A script that takes the whole output for the generation goes on to have just that: the second line is for people.
    func lines(onTerminal isTerminal: Bool) -> [String] {
        guard isTerminal, let hypervisorCounter else { return ["\(generation)"] }
        return ["\(generation)", "the hypervisor's counter: \(hypervisorCounter)"]
    }

    var json: JSON {
        .object([
            "generation": .number(Int(generation.rawValue)),
            "hypervisor_counter": .orNull(hypervisorCounter) { .unsigned($0) },
        ])
    }
}
