internal import CConformanceClients
internal import Glibc

extension Device {
    /// Starts an overseer, up to date, that waits for ever.
    func waitingOverseer(_ request: Request) throws -> Client {
        try open(O_RDONLY).client { $0.request(request, 0) }
    }
}

let waitRows: [Row] = [
    Row("wait (v8): returns 0 when no tracked watcher is outdated", needs: .trigger, .quietTrackedWatchers) { device in
        let watcher = try device.openNonBlocking()
        try watcher.track()
        for word in [0, 1, 1_000] as [UInt] {
            let overseer = try device.open(O_RDONLY).client { $0.request(.wait, word) }
            try expect(overseer.answer(), equals: .done, "timeout \(word)")
        }
    },

    Row("wait (v8): ignores untracked watchers", needs: .trigger, .quietTrackedWatchers) { device in
        _ = try device.openOutdated(tracked: false)
        let overseer = try device.waitingOverseer(.wait)
        try expect(overseer.answer(), equals: .done)
    },

    Row("wait (v8): runs out with ETIME, not before its time", needs: .trigger) { device in
        _ = try device.openOutdated()
        for timeout in [1, 30, 200] as [UInt] {
            let start = client_now()
            try expect(device.open(O_RDONLY).request(.wait, timeout), equals: .failure(ETIME), "timeout \(timeout)")
            let elapsed = (client_now() - start) / 1_000_000
            guard elapsed >= timeout else {
                throw Mismatch(step: "timeout \(timeout)", expected: "at least \(timeout) ms", got: "\(elapsed) ms")
            }
        }
    },

    Row("wait (v8): a timeout of 0 waits for ever", needs: .trigger, .quietTrackedWatchers) { device in
        let (watcher, generation) = try device.openOutdated()
        let overseer = try device.waitingOverseer(.wait)
        try overseer.expectBlocked(for: 500)
        try expect(watcher.acknowledge(generation), equals: .acknowledged)
        try expect(overseer.answer(), equals: .done)
    },

    Row("wait (v8): an outdated caller gets EINTR at once", needs: .trigger) { device in
        let caller = try device.open(O_RDONLY)
        try device.trigger()
        let alone = try caller.client { $0.request(.wait, 0) }
        try expect(alone.answer(), equals: .failure(EINTR), "when nobody is to be waited for")
        try caller.track()
        let tracked = try caller.client { $0.request(.wait, 0) }
        try expect(tracked.answer(), equals: .failure(EINTR), "when tracked itself")
    },

    Row("wait (v8): a caller that becomes outdated gets EINTR", needs: .trigger) { device in
        _ = try device.openOutdated()
        let overseer = try device.waitingOverseer(.wait)
        try overseer.expectBlocked()
        try device.trigger()
        try expect(overseer.answer(), equals: .failure(EINTR))
    },

    Row("wait (v8): the last acknowledgement wakes it", needs: .trigger, .quietTrackedWatchers) { device in
        let watchers = try (0..<3).map { _ in try device.openNonBlocking() }
        for watcher in watchers { try watcher.track() }
        let generation = try device.trigger()
        let overseer = try device.waitingOverseer(.wait)
        for watcher in watchers {
            try overseer.expectBlocked("while one is outdated")
            try expect(watcher.acknowledge(generation), equals: .acknowledged)
        }
        try expect(overseer.answer(), equals: .done, "after the last acknowledgement")
    },

    Row("wait (v8): closing the last outdated tracked watcher wakes it", needs: .trigger, .quietTrackedWatchers) {
        device in
        let one = try device.openNonBlocking()
        try one.track()
        let (other, _) = try device.openOutdated()
        let overseer = try device.waitingOverseer(.wait)
        one.close()
        try overseer.expectBlocked("while one is open")
        other.close()
        try expect(overseer.answer(), equals: .done)
    },

    Row("wait (v8): the death of the last outdated tracked watcher wakes it", needs: .trigger, .quietTrackedWatchers) {
        device in
        let (watcher, _) = try device.openOutdated()
        let holder = try watcher.client { _ in
            client_sleep(.max)
            return .done
        }
        watcher.close()
        let overseer = try device.waitingOverseer(.wait)
        try overseer.expectBlocked()
        holder.kill()
        try expect(overseer.answer(), equals: .done)
    },

    Row("wait (v8): turning tracking off wakes it", needs: .trigger, .quietTrackedWatchers) { device in
        let (watcher, _) = try device.openOutdated()
        let overseer = try device.waitingOverseer(.wait)
        try overseer.expectBlocked()
        try watcher.track(false)
        try expect(overseer.answer(), equals: .done)
    },

    Row("wait (v8): all overseers wake", needs: .trigger, .quietTrackedWatchers) { device in
        let (watcher, generation) = try device.openOutdated()
        let shared = try device.open(O_RDONLY)
        let overseers =
            try (0..<6).map { _ in try device.waitingOverseer(.wait) }
            + (0..<6).map { _ in try shared.client { $0.request(.wait, 0) } }
        for overseer in overseers { try overseer.expectBlocked(for: 10) }
        try expect(watcher.acknowledge(generation), equals: .acknowledged)
        for overseer in overseers { try expect(overseer.answer(), equals: .done) }
    },
]
