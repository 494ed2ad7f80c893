internal import SysGenIDSystem

// Where each step of a call leads.

extension Succession {
    mutating func begin(_ call: Call) -> Step {
        self.call = call
        switch call {
        case .open: return reopen()
        case .take(inChild: true): return .leaveParent
        case .take(inChild: false): return .clear
        case .acknowledge(let generation, let inChild):
            return isConnected && generation == last && !inChild ? settle(generation) : .end(.nothing)
        }
    }

    mutating func reopen() -> Step {
        (isConnected, isAcknowledged) = (false, true)
        return .open(options.access ?? .readWrite)
    }

    /// The watcher is outdated and was read.
    mutating func look(at generation: Generation) -> Step {
        guard generation == last else {
            (last, isAcknowledged) = (generation, false)
            return .end(.change(generation))
        }
        // It came after the watcher was opened and before its predecessor was read.
        return isAcknowledged ? settle(generation) : .end(.nothing)
    }

    private func settle(_ generation: Generation) -> Step {
        access == .readWrite ? .acknowledge(generation) : .replace
    }

    mutating func settled() -> Step {
        isAcknowledged = true
        if case .acknowledge = call { return .end(.acknowledged) }
        return .end(.nothing)
    }

    mutating func connected(to shown: Generation?) -> Step {
        isConnected = true
        guard call != .open else {
            last = shown
            return .end(.nothing)
        }
        if let shown { return tell(shown) }
        guard let last, access == .readWrite else { return .fail(.unmappable(options.path)) }
        return .prove(last)
    }

    /// The generation, where it is a change to tell of.
    mutating func tell(_ generation: Generation) -> Step {
        guard generation != last || owesChange else { return .end(.nothing) }
        (last, isAcknowledged, owesChange) = (generation, false, false)
        return .end(.change(generation))
    }
}

// Where a failure leads.

extension Succession {
    mutating func failed(_ failure: DeviceFailure) -> Step {
        switch step {
        case .open(.readWrite) where failure.reason == .notPermitted && options.access == nil: .open(.readOnly)
        case .map(.watcher) where failure.isOfMapping: .map(.descriptorOfItsOwn)
        case .map(.descriptorOfItsOwn) where failure.isOfMapping && !isMapped: .compare
        case .open, .map, .compare, .adopt: disconnect(isAwaited(failure) ? .lookLater : .fail(failure))
        case .prove: proofFailed(failure)
        case .prepare, .read, .acknowledge, .replace: settlingFailed(failure)
        case .leaveParent, .clear, .ask, .disconnect, .end, .fail: .fail(failure)
        }
    }

    /// Whether the device is waited for that could not be opened.
    private func isAwaited(_ failure: DeviceFailure) -> Bool {
        guard call != .open else { return options.waitsForDevice && failure.isOfAbsence }
        return failure.operation != .map || failure.reason == .gone
    }

    private mutating func proofFailed(_ failure: DeviceFailure) -> Step {
        switch failure.reason {
        case .notCurrent: .fail(.unmappable(options.path))
        case .gone: disconnect(.lookAtOnce)
        default: .fail(failure)
        }
    }

    /// The watcher could not be read, or told that all has been renewed.
    private mutating func settlingFailed(_ failure: DeviceFailure) -> Step {
        switch (call, failure.reason) {
        case (.acknowledge, .notCurrent): .end(.nothing)
        case (.acknowledge, .gone): disconnect(.lookAtOnce)
        case (.acknowledge, _): .fail(failure)
        case (_, .gone): reopen()
        case _ where failure.operation == .open: reopen()
        // Where it has changed since it was read, the watcher stays outdated, and the next call reads it anew.
        case (_, .interrupted), (_, .upToDate), (_, .notCurrent): .end(.nothing)
        default: .fail(failure)
        }
    }

    private mutating func disconnect(_ afterwards: Afterwards) -> Step {
        (isConnected, isAcknowledged) = (false, true)
        return .disconnect(afterwards)
    }
}

extension DeviceFailure {
    /// Nothing shows whether there was a change.
    fileprivate static func unmappable(_ path: String) -> DeviceFailure {
        DeviceFailure(.map, SystemCallFailure("mmap", path, .operationNotSupportedByDevice))
    }

    /// Whether the device cannot be mapped, and nothing else is wrong.
    fileprivate var isOfMapping: Bool { operation == .map && cause.errno == .operationNotSupportedByDevice }

    /// Whether the device is not served yet: what is at its path in the meantime may be a file to mount over.
    fileprivate var isOfAbsence: Bool { reason == .notFound || reason == .gone || reason == .notTheDevice }
}
