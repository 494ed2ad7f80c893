public import SysGenIDCore
import SysGenIDSystem

// What the daemon tells the service: news of backends, time, the end.

extension GenerationService {
    /// A backend noticed a resume, or reports what it sees. The kernel's random pool is reseeded before
    /// anyone can learn of a change.
    public func resumed(_ resume: Resume) {
        let known = guarded.withLock { $0.registry.identity }
        switch resume {
        case .unidentified: reseed(mixing: [])
        case .identity(let identity) where known != nil && known != identity: reseed(mixing: identity.bytes)
        case .identity: break
        }
        handle { $0.resumed(resume) }
    }

    /// The deadline timer has expired.
    public func deadlinePassed() {
        deadlineTimer.clear()
        handle { $0.deadlinePassed(now: Deadline(rawValue: MonotonicClock.now())) }
    }

    /// Ends parked requests and wakes sleeping polls; from now on nobody can open the device.
    public func shutDown() {
        handle { $0.shutDown() }
    }

    /// Looks whether a process has written into the counter page, and puts it right.
    public func checkPage() {
        let overwritten: ServiceEvent? = guarded.withLock { guarded in
            let current = guarded.registry.current
            guard !page.holdsOnly(current.rawValue) else { return nil }
            let seen = page.load()
            page.restore(current.rawValue)
            return .pageOverwritten(seen: seen, generation: current)
        }
        if let overwritten { report(overwritten) }
    }

    private func reseed(mixing bytes: [UInt8]) {
        do {
            try KernelRandomness.reseed(mixing: bytes)
        } catch {
            report(.reseedFailed(error))
        }
    }
}
