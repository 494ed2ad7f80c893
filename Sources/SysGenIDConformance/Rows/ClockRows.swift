internal import CConformanceClients
internal import Glibc

/// The rows of a page in the layout of a vmclock, after the kernel's own driver: drivers/ptp/ptp_vmclock.c (7.0).
let clockRows: [Row] = [
    Row("vmclock: the page has the layout of version 1, a generation counter and notifications") { device in
        let page = try device.openClock()
        try expect(page.clockWord(at: ClockWord.magic), equals: 0x4b4c_4356, "magic")
        try expect(page.clockWord(at: ClockWord.size) >= UInt32(ClockWord.end), equals: true, "room for the counter")
        try expect(page.clockWord(at: ClockWord.version) & 0xffff, equals: 1, "version")
        try expect(page.clockWord(at: ClockWord.sequence) & 1, equals: 0, "the lowest bit of the sequence number")
        try expect(page.clockWord(at: ClockWord.flags) & 0x300, equals: 0x300, "flags")
    },

    Row("vmclock: read goes on from where the last one ended, to the end of the page") { device in
        let page = try device.openClock()
        try expect(page.read(100), equals: .result(100))
        try expect(page.read(2 * Mapping.pageSize), equals: .result(Mapping.pageSize - 100), "the rest")
        try expect(page.read(), equals: .result(0), "at the end")
    },

    Row("vmclock: pread takes what is at the offset, and moves nothing") { device in
        let page = try device.openClock()
        for offset in [0, 1, ClockWord.generationCounter, Mapping.pageSize - 8] {
            try expect(page.read(8, at: offset), equals: .result(8), "at \(offset)")
        }
        try expect(page.read(8, at: Mapping.pageSize - 3), equals: .result(3), "before the end")
        for offset in [Mapping.pageSize, 3 * Mapping.pageSize] {
            try expect(page.read(8, at: offset), equals: .result(0), "at \(offset)")
        }
        try expect(page.read(Mapping.pageSize), equals: .result(Mapping.pageSize), "read after it")
    },

    Row("vmclock: a mapped page shows what read does") { device in
        let page = try device.openClock()
        let mapping = try page.map()
        for offset in stride(from: 0, to: ClockWord.end, by: 4) {
            let mapped = UInt32(littleEndian: mapping.word(at: offset))
            try expect(mapped, equals: page.clockWord(at: offset), "at \(offset)")
        }
        page.close()
        _ = mapping.clock
    },

    Row("vmclock: nobody maps the page for writing") { device in
        let page = try device.openClock()
        try expect(Mapping.attempt(page, writable: true).answer, equals: .failure(EACCES))
    },

    Row("vmclock: what is open for reading takes no write, and no request") { device in
        let page = try device.openClock()
        try expect(page.acknowledge(0), equals: .failure(EBADF), "write")
        for request in [Request.countOutdated, .setTracking, .trigger] {
            try expect(page.request(request), equals: .failure(ENOTTY), request.name)
        }
    },

    Row("vmclock: nothing can be written") { device in
        for access in [O_RDWR, O_WRONLY] {
            guard device.isClockOfKernel else {
                try expect(client_open(device.clock, access), equals: .failure(EACCES), Device.name(access))
                continue
            }
            // The driver has no write: an open succeeds for root, and nothing else.
            try expect(device.openClock(access).acknowledge(0), equals: .failure(EINVAL), Device.name(access))
        }
    },

    Row("vmclock: poll is readable until the descriptor has read the page, and never writable") { device in
        let (page, other) = (try device.openClock(), try device.openClock())
        for turn in 0..<2 { try expect(page.events(), equals: Watcher.changed, "before a read, \(turn)") }
        try expect(page.read(8, at: ClockWord.generationCounter), equals: .result(8))
        try expect(page.events(), equals: Watcher.noEvents, "after it")
        try expect(page.events(within: blockingTime), equals: Watcher.noEvents, "when the time is over")
        try expect(other.events(), equals: Watcher.changed, "another descriptor")
        try expect(page.duplicate().events(), equals: Watcher.noEvents, "a duplicate")
    },

    Row("vmclock: a change is one of the sequence number and a higher counter", needs: .trigger) { device in
        let mapping = try device.openClock().map()
        for _ in 0..<5 {
            let before = mapping.clock
            let generation = try device.trigger()
            let after = mapping.clock
            try expect(after.sequence, equals: before.sequence &+ 2, "sequence number")
            try expect(after.counter > before.counter, equals: true, "higher than \(before.counter)")
            try expect(UInt32(truncatingIfNeeded: after.counter), equals: generation, "the lower half of the counter")
        }
    },

    Row("vmclock: a change wakes a sleeping poll, once for each read", needs: .trigger) { device in
        let page = try device.openClock()
        for turn in 0..<3 {
            try expect(page.read(8, at: 0), equals: .result(8))
            let client = try page.client { $0.events(within: -1) }
            try client.expectBlocked("turn \(turn)")
            try device.trigger()
            try expect(client.answer(), equals: Watcher.changed, "turn \(turn)")
            try expect(page.events(), equals: Watcher.changed, "and stays, turn \(turn)")
        }
    },

    Row("vmclock: the page is new before a sleeping poll wakes", needs: .trigger) { device in
        let page = try device.openClock()
        let mapping = try page.map()
        for _ in 0..<20 {
            try expect(page.read(8, at: 0), equals: .result(8))
            let client = try page.client {
                _ = $0.events(within: -1)
                return .generation(UInt32(truncatingIfNeeded: mapping.clock.counter))
            }
            try client.expectBlocked(for: 10)
            let generation = try device.trigger()
            try expect(client.answer(), equals: .generation(generation))
        }
    },

    Row("vmclock: epoll tells of each change, edge-triggered too", needs: .trigger) { device in
        for isEdgeTriggered in [false, true] {
            let page = try device.openClock()
            let set = try expectResult(client_epoll(page.descriptor, isEdgeTriggered), "epoll_ctl")
            try expect(client_epoll_wait(set, 0), equals: Watcher.changed, "at first")
            for turn in 0..<3 {
                try expect(page.read(8, at: 0), equals: .result(8))
                try expect(client_epoll_wait(set, 0), equals: Watcher.noEvents, "after a read, turn \(turn)")
                try device.trigger()
                try expect(client_epoll_wait(set, patience), equals: Watcher.changed, "a change, turn \(turn)")
            }
        }
    },

    Row("vmclock: a reader under the sequence number sees no mixture", needs: .trigger) { device in
        let mapping = try device.openClock().map()
        let last = UInt32(truncatingIfNeeded: mapping.clock.counter) &+ 200
        let reader = try Client(keeping: []) {
            var seen = mapping.clock
            while UInt32(truncatingIfNeeded: seen.counter) != last {
                let next = mapping.clock
                let isSame = next.sequence == seen.sequence
                guard isSame == (next.counter == seen.counter), next.counter >= seen.counter else { return .result(1) }
                seen = next
            }
            return .result(0)
        }
        for _ in 0..<200 { try device.trigger() }
        try expect(reader.answer(), equals: .result(0))
    },

    Row("vmclock: who has it open is no watcher", needs: .trigger, .quietOpenFiles) { device in
        let page = try device.openClock()
        try device.trigger()
        // Who was up to date and is gone is counted for a moment more.
        try expectEventually(equals: 0) { try device.outdatedCount() }
        try expect(device.open(O_RDWR).request(.waitForAll, 0), equals: .done)
        page.close()
    },
]
