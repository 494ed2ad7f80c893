internal import CConformanceClients
internal import Glibc

let openRows: [Row] = [
    Row("open: a new watcher is up to date") { device in
        for access in Device.readingAccess where access == O_RDONLY || client_open(device.path, access).isResult {
            let watcher = try device.open(access | O_NONBLOCK)
            try watcher.expectOutdated(false, Device.name(access))
            try expect(watcher.read(), equals: .failure(EAGAIN), Device.name(access))
        }
    },

    Row("open: after a change a new watcher has acknowledged it", needs: .trigger) { device in
        let generation = try device.trigger()
        let watcher = try device.openNonBlocking()
        try watcher.expectOutdated(false)
        try expect(watcher.read(), equals: .failure(EAGAIN), "read")
        try expect(watcher.acknowledge(generation), equals: .acknowledged, "write")
    },

    Row("open: each open is a watcher of its own", needs: .trigger) { device in
        let (one, other) = (try device.openNonBlocking(), try device.openNonBlocking())
        let generation = try device.trigger()
        try expect(one.acknowledge(generation), equals: .acknowledged)
        try one.expectOutdated(false)
        try other.expectOutdated(true)
        try expect(other.read(), equals: .generation(generation))
    },

    Row("open: dup shares the watcher", needs: .trigger) { device in
        let watcher = try device.openNonBlocking()
        let duplicate = try watcher.duplicate()
        let generation = try device.trigger()
        try expect(duplicate.acknowledge(generation), equals: .acknowledged)
        try expect(watcher.read(), equals: .failure(EAGAIN), "read after the duplicate acknowledged")
    },

    Row("open: fork shares the watcher", needs: .trigger) { device in
        let watcher = try device.openNonBlocking()
        let generation = try device.trigger()
        let child = try watcher.client { $0.acknowledge(generation) }
        try expect(child.answer(), equals: .acknowledged, "the child's write")
        try expect(watcher.read(), equals: .failure(EAGAIN), "read after the child acknowledged")
    },

    Row("open: O_WRONLY acknowledges and is polled, but cannot be read", needs: .trigger) { device in
        let watcher = try device.open(O_WRONLY)
        let generation = try device.trigger()
        try expect(watcher.read(), equals: .failure(EBADF), "read")
        try watcher.expectOutdated(true)
        try expect(watcher.acknowledge(generation), equals: .acknowledged, "write")
        try watcher.expectOutdated(false)
    },

    Row("open: O_TRUNC and O_APPEND change nothing", needs: .trigger) { device in
        for flags in [O_TRUNC, O_APPEND, O_CREAT, O_TRUNC | O_APPEND | O_CREAT] {
            let step = "flags \(flags)"
            let bystander = try device.openNonBlocking()
            let watcher = try device.open(O_RDWR | O_NONBLOCK | flags)
            try bystander.expectOutdated(false, step)
            try expect(watcher.read(), equals: .failure(EAGAIN), step)
            let generation = try device.trigger()
            try expect(watcher.read(), equals: .generation(generation), step)
            try expect(watcher.acknowledge(generation), equals: .acknowledged, step)
            try watcher.expectOutdated(false, step)
        }
    },

    Row("open: a new watcher inherits nothing of a closed one", needs: .trigger, .quietTrackedWatchers) { device in
        for _ in 0..<50 {
            let watcher = try device.openNonBlocking()
            try watcher.track()
            try device.trigger()
            try watcher.expectOutdated(true)
            watcher.close()
            let successor = try device.openNonBlocking()
            try successor.expectOutdated(false)
            try device.trigger()
            let overseer = try device.open(O_RDONLY)
            let wait = try overseer.client { $0.request(.wait, 0) }
            try expect(wait.answer(), equals: .done, "is the new watcher tracked?")
            successor.close()
            overseer.close()
        }
    },

    Row("close: a watcher ends with its last descriptor", needs: .trigger, .quietOpenFiles) { device in
        let watcher = try device.openNonBlocking()
        let duplicate = try watcher.duplicate()
        try device.trigger()
        watcher.close()
        client_sleep(blockingTime)
        try expect(device.outdatedCount(), equals: 1, "count with one of two descriptors closed")
        duplicate.close()
        try expectEventually("count with both closed", equals: 0) { try device.outdatedCount() }
    },

    Row("close: a client that is killed leaves no watcher behind", needs: .trigger, .quietOpenFiles) { device in
        let watcher = try device.openNonBlocking()
        let holder = try watcher.client { _ in
            client_sleep(.max)
            return .done
        }
        watcher.close()
        try device.trigger()
        client_sleep(blockingTime)
        try expect(device.outdatedCount(), equals: 1, "count while the client lives")
        holder.kill()
        try expectEventually("count after its end", equals: 0) { try device.outdatedCount() }
    },

    Row(
        "open: many watchers at the same time, all counted, all gone when closed",
        needs: .trigger, .quietOpenFiles, timeLimit: { 3 * patience + CInt($0.opens) * 10 }
    ) { device in
        let error = client_allow_descriptors(device.opens + 100)
        guard error == 0 else {
            throw Skipped(reason: "no \(device.opens) descriptors are allowed here: \(errnoName(error))")
        }
        let watchers = try (0..<device.opens).map { _ in try device.open(O_RDONLY | O_NONBLOCK) }
        let generation = try device.trigger()
        try expectEventually("count after a change", equals: CInt(device.opens)) { try device.outdatedCount() }
        for watcher in watchers {
            try expect(watcher.read(), equals: .generation(generation))
            watcher.close()
        }
        try expectEventually("count when all are closed", equals: 0) { try device.outdatedCount() }
    },
]
