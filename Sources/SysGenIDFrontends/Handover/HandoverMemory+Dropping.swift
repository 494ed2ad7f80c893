import SysGenIDCore
import SysGenIDSystem

// What belongs to frontends that do not go on.

extension HandoverMemory {
    /// Takes away what belongs to frontends that do not go on, so that it does not come back with a later daemon, nor is
    /// taken for what belongs to a new connection, in which the kernel counts its requests anew.
    ///
    /// The daemon may be killed at any moment of it. The frontend's handshake is the first to go: from there on no
    /// successor continues it, and each takes away what is left. It is done for frontends that were not connected, too.
    ///
    /// To be called under the service's lock, or before there is one.
    func keepOnly(_ kinds: Set<FrontendKind>) {
        for kind in FrontendKind.allCases where !kinds.contains(kind) {
            memory.store(UInt32(0), at: Layout.Frontend.offset(of: kind) + Layout.Frontend.length)
        }
        for kind in FrontendKind.allCases where !kinds.contains(kind) {
            served(of: kind)
            acquit(kind)
            mounted(kind, as: DeviceNumber(major: 0, minor: 0))
        }
        closeWatchers(notOf: kinds)
        unparkRequests(notOf: kinds)
        forgetTriggers(notOf: kinds)
    }

    private func closeWatchers(notOf kinds: Set<FrontendKind>) {
        let count = min(Int(memory.load(UInt32.self, at: Layout.Header.watcherSlots)), watcherCapacity)
        for slot in 0..<count {
            let state = WatcherState(
                word: memory.load(UInt64.self, at: Layout.Watcher.offset(of: slot) + Layout.Watcher.state))
            guard state.flags.contains(.isOpen), !kinds.contains(state.kind) else { continue }
            closed(WatcherID(slot: slot, uses: state.uses))
        }
    }

    private func unparkRequests(notOf kinds: Set<FrontendKind>) {
        let count = min(Int(memory.load(UInt32.self, at: Layout.Header.parkedSlots)), parkedCapacity)
        for slot in 0..<count {
            let offset = Layout.Parked.offset(of: slot, watcherCapacity: watcherCapacity)
            let key = RequestKey(rawValue: memory.load(UInt64.self, at: offset + Layout.Parked.key))
            if key.rawValue != 0, !key.belongs(toAnyOf: kinds) { unpark(slot) }
        }
    }

    /// Also in the one place of the ring that may hold a change which never came to count.
    private func forgetTriggers(notOf kinds: Set<FrontendKind>) {
        for number in 0..<UInt64(Layout.Change.ringSize) {
            let offset = Layout.Change.offset(of: number) + Layout.Change.key
            let key = RequestKey(rawValue: memory.load(UInt64.self, at: offset))
            if key.rawValue != 0, !key.belongs(toAnyOf: kinds) { memory.store(UInt64(0), at: offset) }
        }
    }
}

extension RequestKey {
    func belongs(toAnyOf kinds: Set<FrontendKind>) -> Bool { kind.map(kinds.contains) ?? false }
}

extension Handover {
    /// Goes on with these frontends only, as far as they were connected. What belongs to others is left out here, and taken
    /// away from the memory.
    public mutating func keepOnly(_ kinds: Set<FrontendKind>) {
        let continued = kinds.intersection(inheritance?.connected ?? [])
        memory.keepOnly(continued)
        inheritance?.keepOnly(continued)
    }
}

extension GenerationService {
    /// A frontend that was to be continued cannot be: what a predecessor has left of it is no more.
    public func abandon(_ kind: FrontendKind, leftBy inheritance: Inheritance) {
        caughtUp(kind, watchers: [:])
        for (id, watcher) in inheritance.watchers where watcher.kind == kind { closed(id) }
        guarded.withLock { _ in handover?.keepOnly(Set(FrontendKind.allCases).subtracting([kind])) }
    }
}
