internal import CConformanceClients
internal import Glibc

/// Whether the kernel is told not to try it in the caller first.
private let manners = [("", false), (" with IOSQE_ASYNC", true)]

let ringRows: [Row] = [
    Row("io_uring: a read completes with a change, and returns the new generation", needs: .ring, .trigger) {
        device in
        for access in Device.readingAccess {
            for (manner, apart) in manners {
                let step = Device.name(access) + manner
                let watcher = try device.open(access)
                let client = try watcher.client { client_ring_read($0.descriptor, apart) }
                try client.expectBlocked(step)
                try device.expectOpenForOthers(step)
                let generation = try device.trigger()
                try expect(client.answer(), equals: .generation(generation), step)
                watcher.close()
            }
        }
    },

    Row("io_uring: a read of an outdated watcher completes at once", needs: .ring, .trigger) { device in
        for access in Device.readingAccess {
            for (manner, apart) in manners {
                let watcher = try device.open(access)
                let generation = try device.trigger()
                let client = try watcher.client { client_ring_read($0.descriptor, apart) }
                try expect(client.answer(), equals: .generation(generation), Device.name(access) + manner)
                watcher.close()
            }
        }
    },

    Row("io_uring: many reads at once hold up nobody", needs: .ring, .trigger) { device in
        let watchers = try (0..<32).map { _ in try device.open(O_RDONLY) }
        let clients = try watchers.enumerated().map { index, watcher in
            try watcher.client { client_ring_read($0.descriptor, index % 2 == 0) }
        }
        for client in clients { try client.expectBlocked(for: 5) }
        try device.expectOpenForOthers("32 reads")
        let generation = try device.trigger()
        for client in clients { try expect(client.answer(), equals: .generation(generation)) }
        try device.expectOpenForOthers("after 32 reads")
    },

    Row("io_uring: a write acknowledges and completes", needs: .ring, .trigger) { device in
        for (manner, apart) in manners {
            let watcher = try device.open()
            let generation = try device.trigger()
            let client = try watcher.client { client_ring_write($0.descriptor, generation, apart) }
            try expect(client.answer(), equals: .acknowledged, "O_RDWR\(manner)")
            try watcher.expectOutdated(false, "after the write\(manner)")
            let repeated = try watcher.client { client_ring_write($0.descriptor, generation, apart) }
            try expect(repeated.answer(), equals: .acknowledged, "up to date\(manner)")
            let wrong = try watcher.client { client_ring_write($0.descriptor, generation &- 1, apart) }
            try expect(wrong.answer(), equals: .failure(EINVAL), "another generation\(manner)")
            try device.expectOpenForOthers("after the writes\(manner)")
            watcher.close()
        }
    },

    Row("io_uring: a write with O_NONBLOCK completes", needs: .ring, .trigger) { device in
        for (manner, apart) in manners {
            let watcher = try device.openNonBlocking()
            let generation = try device.trigger()
            let client = try watcher.client { client_ring_write($0.descriptor, generation, apart) }
            // The kernel may not ask the device at all, where it does not know that a write cannot block.
            try expect(client.answer(), isOneOf: [.acknowledged, .failure(EAGAIN)], "O_NONBLOCK\(manner)")
            try device.expectOpenForOthers("after the write\(manner)")
            watcher.close()
        }
    },

    Row("io_uring: a poll completes with a change", needs: .ring, .trigger) { device in
        for access in Device.readingAccess {
            let watcher = try device.open(access)
            let client = try watcher.client { client_ring_poll($0.descriptor) }
            try client.expectBlocked(Device.name(access))
            try device.expectOpenForOthers("a poll of \(Device.name(access))")
            try device.trigger()
            try expect(client.answer(), equals: Watcher.changed, Device.name(access))
            let outdated = try watcher.client { client_ring_poll($0.descriptor) }
            try expect(outdated.answer(), equals: Watcher.changed, "\(Device.name(access)), outdated")
            watcher.close()
        }
    },

    Row("io_uring: a read that blocks can be cancelled", needs: .ring, .trigger) { device in
        for access in Device.readingAccess {
            for (manner, apart) in manners {
                let step = Device.name(access) + manner
                let watcher = try device.open(access)
                let client = try watcher.client { client_ring_cancel_read($0.descriptor, apart) }
                // Older kernels take a regular file for one that never blocks, so that the call that submits the read waits
                // (__io_file_supports_nowait in Linux 6.1).
                let waits: [Answer] = device.expectation == .pageCache && !apart ? [.blocked] : []
                // One that had begun in a thread of the kernel's is interrupted there.
                let answer = client.answer(within: waits.isEmpty ? patience : 5 * blockingTime)
                try expect(answer, isOneOf: [.failure(ECANCELED), .failure(EINTR)] + waits, step)
                try device.expectOpenForOthers(step)
                let generation = try device.trigger()
                try expect(watcher.client { $0.read() }.answer(), equals: .generation(generation), "read after \(step)")
                watcher.close()
            }
        }
    },
]
