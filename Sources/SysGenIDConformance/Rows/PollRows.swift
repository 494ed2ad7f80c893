internal import CConformanceClients
internal import Glibc

let pollRows: [Row] = [
    Row("poll: there is no event while up to date, POLLOUT neither") { device in
        let watcher = try device.open(O_RDONLY)
        try expect(watcher.events(), equals: Watcher.noEvents, "at once")
        try expect(watcher.events(within: blockingTime), equals: Watcher.noEvents, "when the time is over")
    },

    Row("poll: POLLIN|POLLRDNORM, and nothing else, exactly while outdated", needs: .trigger) { device in
        for access in [O_RDWR, O_WRONLY] {
            let watcher = try device.open(access)
            for _ in 0..<3 {
                try expect(watcher.events(), equals: Watcher.noEvents, "up to date, \(Device.name(access))")
                let generation = try device.trigger()
                for _ in 0..<3 {
                    try expect(watcher.events(), equals: Watcher.changed, "outdated, \(Device.name(access))")
                }
                try expect(watcher.acknowledge(generation), equals: .acknowledged)
            }
        }
    },

    Row("poll: reading does not acknowledge", needs: .trigger) { device in
        let watcher = try device.open(O_RDONLY)
        let generation = try device.trigger()
        try expect(watcher.events(), equals: Watcher.changed, "before the read")
        try expect(watcher.read(), equals: .generation(generation))
        try expect(watcher.events(), equals: Watcher.changed, "after the read")
    },

    Row("poll: a change wakes a sleeping poll", needs: .trigger) { device in
        for access in Device.readingAccess {
            let watcher = try device.open(access)
            for turn in 0..<3 {
                let client = try watcher.client { $0.events(within: -1) }
                try client.expectBlocked("turn \(turn)")
                let generation = try device.trigger()
                try expect(client.answer(), equals: Watcher.changed, "turn \(turn)")
                guard access == O_RDWR else { break }
                try expect(watcher.acknowledge(generation), equals: .acknowledged)
            }
        }
    },

    Row("poll: a change wakes every sleeping poll", needs: .trigger) { device in
        let shared = try device.open(O_RDONLY)
        let clients =
            try (0..<8).map { _ in try shared.client { $0.events(within: -1) } }
            + (0..<8).map { _ in try device.open(O_RDONLY).client { $0.events(within: -1) } }
        for client in clients { try client.expectBlocked(for: 10) }
        try device.trigger()
        for client in clients { try expect(client.answer(), equals: Watcher.changed) }
    },

    Row("poll: an acknowledgement of another watcher does not wake it", needs: .trigger) { device in
        let other = try device.open()
        let generation = try device.trigger()
        let client = try device.open(O_RDONLY).client { $0.events(within: -1) }
        try expect(other.acknowledge(generation), equals: .acknowledged)
        try client.expectBlocked()
    },

    Row("select: a change wakes a sleeping select", needs: .trigger) { device in
        let watcher = try device.open(O_RDONLY)
        try expect(client_select(watcher.descriptor, 0), equals: .result(0), "up to date")
        let client = try watcher.client { client_select($0.descriptor, 60_000) }
        try client.expectBlocked()
        try device.trigger()
        try expect(client.answer(), equals: .result(1))
        try expect(client_select(watcher.descriptor, 0), equals: .result(1), "outdated")
    },
]
