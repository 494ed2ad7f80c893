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
        perform(
            guarded.withLock { guarded in
                guard let shown = guarded.containers?.systemClock.reading.counter, shown < guarded.clockFloor else {
                    return Consequences()
                }
                let step = guarded.registry.clockChanged()
                guarded.storeClock()
                return resolve(step, in: &guarded)
            })
    }

    /// What the kernel knows a device's page in the layout of a vmclock by.
    func clockBacking(of device: DeviceID) -> BackingID? {
        guarded.withLock { $0.containers?.clockBacking(of: device) }
    }
}

extension GenerationService.Guarded {
    /// Shows the system's generation in the layout of a vmclock.
    func storeClock() {
        containers?.systemClock.store(registry.current, sequence: registry.clockSequence, above: clockFloor)
    }

    /// Programs may have looked at the hypervisor's page before, and may again.
    var clockFloor: UInt64 { registry.identities[.vmclock].map { VMClockCounter.floor(above: $0.high) } ?? 0 }

    fileprivate mutating func sawClock(_ watcher: WatcherID, as sequence: UInt32, keptIn handover: HandoverMemory?) {
        registry.readClock(watcher, as: sequence)
        if let handover, let seen = registry.handedWatcher(watcher) { handover.changed(watcher, to: seen) }
    }
}
