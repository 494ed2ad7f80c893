import SysGenIDCore
import SysGenIDFuse
import SysGenIDSystem

// The pages in the layout of a vmclock. All of it happens under the one lock.

extension GenerationService {
    /// A program opens the page of a device in the layout of a vmclock, which is made where it is the first.
    func openClock(
        of device: DeviceID, _ register: (borrowing OwnedDescriptor) -> BackingID?
    ) throws(Refusal) -> ClockReading {
        try guarded.withLock { guarded throws(Refusal) in
            guard let generation = guarded.registry.generation(of: device),
                let sequence = guarded.registry.clockSequence(of: device), guarded.containers != nil
            else { throw .noSuchDevice }
            do throws(SystemCallFailure) {
                return try guarded.containers!.openClock(
                    of: device, at: generation, sequence: sequence, register
                ).reading
            } catch {
                throw .tooManyDevices
            }
        }
    }

    /// What a program reads of the page that it has open, and from here on has seen; nil where there is no such page.
    func readClock(_ watcher: WatcherID, _ count: Int, at offset: Int64) -> [UInt8]? {
        guarded.withLock { guarded in
            guard let device = guarded.registry.device(of: watcher),
                let page = guarded.containers?.clock(of: device)
            else { return nil }
            guarded.sawClock(watcher, as: page.reading.sequence, keptIn: handover)
            return page.contents(count, at: offset)
        }
    }

    /// A program reads the page elsewhere, and sees no more of it than this.
    func readClock(_ watcher: WatcherID, as sequence: UInt32) {
        guarded.withLock { $0.sawClock(watcher, as: sequence, keptIn: handover) }
    }

    /// The system's page is going to be where programs have seen the hypervisor's.
    public func raiseClock() {
        let followUp: FollowUp? = guarded.withLock { guarded in
            guard let shown = guarded.containers?.systemClock.reading.counter, shown < guarded.clockFloor else {
                return nil
            }
            let step = guarded.registry.clockChanged()
            guarded.storeClock()
            return resolve(step, in: &guarded)
        }
        if let followUp { publish(followUp) }
    }

    /// The backend has read the hypervisor's vmclock. It is shown with the next change that the backend reports, or by
    /// `showHostClock`.
    ///
    /// - Parameter clock: nil where it does not read any, or cannot.
    public func hostClockSeen(_ clock: HostClock?) {
        guarded.withLock { $0.hostClock = clock }
    }

    /// Has all pages show what was read of the hypervisor's vmclock, if they do not. The generation stays the same.
    public func showHostClock() {
        let followUp: FollowUp? = guarded.withLock { guarded in
            guard let shown = guarded.containers?.systemClock.fields else { return nil }
            let fields = VMClockFields.shown(of: guarded.hostClock, after: shown)
            guard fields != shown else { return nil }
            guarded.newFields = fields
            defer { guarded.newFields = nil }
            let step = guarded.registry.clocksChanged()
            guarded.storeClocks()
            var followUp = resolve(step, in: &guarded)
            guarded.addClocks(to: &followUp.publication)
            return followUp
        }
        guard let followUp else { return }
        publish(followUp)
        censusSignal.raise()
    }

    /// What the system's page shows; nil where there is none.
    public var clockFigures: ClockFigures? {
        guarded.withLock { guarded in
            guarded.containers.map {
                ClockFigures(counter: $0.systemClock.counter, hasClock: $0.systemClock.fields.hasClock)
            }
        }
    }

    /// What the kernel knows a device's page in the layout of a vmclock by.
    func clockBacking(of device: DeviceID) -> BackingID? {
        guarded.withLock { $0.containers?.clockBacking(of: device) }
    }
}

/// What is told of the system's page in the layout of a vmclock.
public struct ClockFigures: Hashable, Sendable {
    /// The generation counter.
    public var counter: UInt64
    /// Whether the fields of the clock are valid.
    public var hasClock: Bool

    public init(counter: UInt64, hasClock: Bool) {
        self.counter = counter
        self.hasClock = hasClock
    }
}

extension GenerationService.Guarded {
    /// Shows the system's generation in the layout of a vmclock.
    func storeClock() {
        containers?.systemClock.store(
            registry.current, newFields, sequence: registry.clockSequence, above: clockFloor)
    }

    /// Shows what is new in the pages of all devices, with the generations and counters that they have.
    fileprivate func storeClocks() {
        containers?.systemClock.store(registry.current, newFields, sequence: registry.clockSequence)
        for (id, device) in containers?.devices ?? [:] {
            guard let clock = device.clock, let sequence = registry.clockSequence(of: id) else { continue }
            clock.store(device.entry.generation, newFields, sequence: sequence)
        }
    }

    /// Those pages are to be published.
    fileprivate func addClocks(to publication: inout any Publication) {
        publication.add { change(of: .system, to: registry.current) }
        for (id, device) in containers?.devices ?? [:] where device.clock != nil {
            publication.add { change(of: id, to: device.entry.generation) }
        }
    }

    /// The change that follows is a resume, which the hypervisor's vmclock has shown, or another source. What was read of the
    /// vmclock before another one told of it may be from before the resume.
    mutating func beginClock(afterResumeIn domain: Identity.Domain) {
        guard let shown = containers?.systemClock.fields else { return }
        if domain != .vmclock { hostClock = nil }
        let fields = VMClockFields.shown(of: hostClock, after: shown)
        newFields = fields == shown ? nil : fields
    }

    /// Programs may have looked at the hypervisor's page before, and may again.
    var clockFloor: UInt64 { registry.identities[.vmclock].map { VMClockCounter.floor(above: $0.high) } ?? 0 }

    fileprivate mutating func sawClock(_ watcher: WatcherID, as sequence: UInt32, keptIn handover: HandoverMemory?) {
        registry.readClock(watcher, as: sequence)
        if let handover, let seen = registry.handedWatcher(watcher) { handover.changed(watcher, to: seen) }
    }
}
