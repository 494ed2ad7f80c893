internal import CConformanceClients
internal import Glibc

let waitForAllRows: [Row] = [
    Row("count (v4): returns the number of outdated open files, tracked or not", needs: .trigger, .quietOpenFiles) {
        device in
        try expect(device.outdatedCount(), equals: 0, "before")
        let watchers = try (0..<4).map { _ in try device.openNonBlocking() }
        try watchers[0].track()
        let generation = try device.trigger()
        try expectEventually("after a change", equals: 4) { try device.outdatedCount() }
        for (index, watcher) in watchers.enumerated() {
            try expect(watcher.acknowledge(generation), equals: .acknowledged)
            try expect(device.outdatedCount(), equals: CInt(3 - index), "after acknowledgement \(index + 1)")
        }
    },

    Row("count (v4): counts the caller, and an open file only once", needs: .trigger, .quietOpenFiles) { device in
        let watcher = try device.open(O_RDONLY)
        _ = try watcher.duplicate()
        try expect(watcher.request(.countOutdated), equals: .result(0), "up to date")
        try device.trigger()
        try device.trigger()
        try expect(watcher.request(.countOutdated), equals: .result(1), "outdated")
    },

    Row("count (v4): ignores its argument and never blocks", needs: .trigger, .quietOpenFiles) { device in
        _ = try device.openOutdated()
        let overseer = try device.open(O_RDONLY)
        for word in [0, 1, .max] as [UInt] {
            let client = try overseer.client { $0.request(.countOutdated, word) }
            try expect(client.answer(), equals: .result(1), "word \(word)")
        }
    },

    Row("wait (v4): returns 0 when no open file is outdated", needs: .trigger, .quietOpenFiles) { device in
        for word in [0, 1, 1_000] as [UInt] {
            let overseer = try device.open(O_RDONLY).client { $0.request(.waitForAll, word) }
            try expect(overseer.answer(), equals: .done, "timeout \(word)")
        }
    },

    Row("wait (v4): waits for untracked watchers, and runs out with EINTR", needs: .trigger) { device in
        for isTracked in [false, true] {
            let (watcher, _) = try device.openOutdated(tracked: isTracked)
            let start = client_now()
            let answer = try device.open(O_RDONLY).request(.waitForAll, 200)
            try expect(answer, equals: .failure(EINTR), isTracked ? "tracked" : "untracked")
            let elapsed = (client_now() - start) / 1_000_000
            guard elapsed >= 200 else { throw Mismatch(expected: "at least 200 ms", got: "\(elapsed) ms") }
            watcher.close()
        }
    },

    Row("wait (v4): a timeout of 0 waits for ever", needs: .trigger, .quietOpenFiles) { device in
        let (watcher, generation) = try device.openOutdated(tracked: false)
        let overseer = try device.waitingOverseer(.waitForAll)
        try overseer.expectBlocked(for: 500)
        try expect(watcher.acknowledge(generation), equals: .acknowledged)
        try expect(overseer.answer(), equals: .done)
    },

    Row("wait (v4): an outdated caller gets EINTR at once", needs: .trigger) { device in
        let caller = try device.open(O_RDONLY)
        try device.trigger()
        let overseer = try caller.client { $0.request(.waitForAll, 0) }
        try expect(overseer.answer(), equals: .failure(EINTR))
    },

    Row("wait (v4): a new change ends it with EINTR", needs: .trigger) { device in
        _ = try device.openOutdated(tracked: false)
        let overseer = try device.waitingOverseer(.waitForAll)
        try overseer.expectBlocked()
        try device.trigger()
        try expect(overseer.answer(), equals: .failure(EINTR))
    },

    Row("wait (v4): the last acknowledgement wakes it", needs: .trigger, .quietOpenFiles) { device in
        let watchers = try (0..<3).map { _ in try device.openNonBlocking() }
        try watchers[0].track()
        let generation = try device.trigger()
        let overseer = try device.waitingOverseer(.waitForAll)
        for watcher in watchers {
            try overseer.expectBlocked("while one is outdated")
            try expect(watcher.acknowledge(generation), equals: .acknowledged)
        }
        try expect(overseer.answer(), equals: .done, "after the last acknowledgement")
    },

    Row("wait (v4): closing the last outdated open file wakes it", needs: .trigger, .quietOpenFiles) { device in
        let one = try device.openNonBlocking()
        let (other, _) = try device.openOutdated(tracked: false)
        let overseer = try device.waitingOverseer(.waitForAll)
        one.close()
        try overseer.expectBlocked("while one is open")
        other.close()
        try expect(overseer.answer(), equals: .done)
    },

    Row("wait (v4): turning tracking off does not wake it", needs: .trigger) { device in
        let (watcher, _) = try device.openOutdated()
        let overseer = try device.waitingOverseer(.waitForAll)
        try watcher.track(false)
        try overseer.expectBlocked()
    },

    Row("wait: overseers of both versions wait side by side", needs: .trigger, .quietOpenFiles) { device in
        let untracked = try device.openNonBlocking()
        let (tracked, generation) = try device.openOutdated()
        let newOverseer = try device.waitingOverseer(.wait)
        let oldOverseer = try device.waitingOverseer(.waitForAll)
        try newOverseer.expectBlocked("v8")
        try expect(tracked.acknowledge(generation), equals: .acknowledged)
        try expect(newOverseer.answer(), equals: .done, "v8")
        try oldOverseer.expectBlocked("v4")
        try expect(untracked.acknowledge(generation), equals: .acknowledged)
        try expect(oldOverseer.answer(), equals: .done, "v4")
    },
]
