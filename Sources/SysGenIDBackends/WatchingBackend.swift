internal import SysGenIDCore
internal import SysGenIDSystem

/// A backend of hardware: looks at an identity whenever something gives reason to, and at an interval in any
/// case. The identity decides; where it cannot be read, the kernel's own word counts.
struct WatchingBackend: Backend {
    let name: String
    let source: any IdentitySource
    let systemRoot: String
    /// Milliseconds.
    let interval: CInt

    func run(until stop: borrowing EventSignal, report: (BackendReport) -> Void) {
        let triggers = Triggers(systemRoot: systemRoot)
        var observation = Observation()
        look(&observation, isForked: false, report)
        while true {
            let descriptors = [stop.descriptor.rawValue] + triggers.descriptors
            let ready = waitUntilReadable(
                descriptors + [source.pollDescriptor].compactMap(\.self), milliseconds: interval)
            if ready.contains(stop.descriptor.rawValue) { return }
            look(&observation, isForked: triggers.take(), report)
        }
    }

    private func look(_ observation: inout Observation, isForked: Bool, _ report: (BackendReport) -> Void) {
        do throws(SourceFailure) {
            observation.saw(try source.identity()).forEach(report)
        } catch {
            observation.failed(error, isForked: isForked).forEach(report)
        }
    }
}

/// What was seen of a source so far, and what of it is worth a report.
struct Observation {
    private var identity: Identity?
    private var failures = 0

    mutating func saw(_ seen: Identity) -> [BackendReport] {
        let recovery: [BackendReport] = failures == 0 ? [] : [.readable]
        failures = 0
        guard seen != identity else { return recovery }
        identity = seen
        return recovery + [.resume(.identity(seen))]
    }

    /// - Parameter isForked: the kernel has said meanwhile that the system was resumed.
    mutating func failed(_ failure: SourceFailure, isForked: Bool) -> [BackendReport] {
        failures += 1
        let complaint: [BackendReport] = failures == 1 ? [.unreadable(failure.description)] : []
        return complaint + (isForked ? [.resume(.unidentified)] : [])
    }
}
