internal import CConformanceClients
internal import Glibc

/// More than the kernel has in the background of one connection before it lets others wait: 12 by default.
private let crowd = 16

let asynchronousRows: [Row] = [
    Row("aio: reads block until a change and return the new generation", needs: .trigger) { device in
        for access in Device.readingAccess {
            let watcher = try device.open(access)
            let client = try watcher.client { client_read_asynchronously($0.descriptor, crowd) }
            try client.expectBlocked(Device.name(access))
            try device.expectOpenForOthers("\(crowd) reads of \(Device.name(access))")
            let generation = try device.trigger()
            try expect(client.answer(), equals: .generation(generation), Device.name(access))
            watcher.close()
        }
    },

    Row("aio: O_NONBLOCK fails with EAGAIN") { device in
        let client = try device.open(O_RDONLY | O_NONBLOCK).client { client_read_asynchronously($0.descriptor, 1) }
        try expect(client.answer(), equals: .failure(EAGAIN))
    },

    Row("aio: while reads block, a watcher that closes is gone at once", needs: .trigger, .quietOpenFiles) { device in
        let outdated = try device.openNonBlocking()
        try device.trigger()
        let reader = try device.open(O_RDONLY)
        let client = try reader.client { client_read_asynchronously($0.descriptor, crowd) }
        try client.expectBlocked()
        try expect(device.outdatedCount(), equals: 1, "count before")
        outdated.close()
        try expectEventually("count when it is closed", equals: 0) { try device.outdatedCount() }
        for turn in 0..<100 { try device.expectOpenForOthers("turn \(turn)") }
        try client.expectBlocked("still", for: 10)
    },

    Row("aio: SIGKILL ends a process with reads promptly, and its watchers with it", needs: .trigger, .quietOpenFiles) {
        device in
        let watcher = try device.open(O_RDONLY)
        let client = try watcher.client { client_read_asynchronously($0.descriptor, crowd) }
        watcher.close()
        try client.expectBlocked()
        guard client.kill() != nil else {
            throw Mismatch(step: "SIGKILL", expected: "an end by SIGKILL", got: "none")
        }
        try device.trigger()
        try expectEventually("count after its end", equals: 0) { try device.outdatedCount() }
    },
]
