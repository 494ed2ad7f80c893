internal import CConformanceClients
internal import Glibc

let writeRows: [Row] = [
    Row("write: of the current generation acknowledges it", needs: .trigger) { device in
        let watcher = try device.openNonBlocking()
        let generation = try device.trigger()
        try expect(watcher.acknowledge(generation), equals: .acknowledged)
        try watcher.expectOutdated(false)
        try expect(watcher.read(), equals: .failure(EAGAIN))
    },

    Row("write: of the current generation returns 4 when already up to date", needs: .trigger) { device in
        let generation = try device.trigger()
        let watcher = try device.openNonBlocking()
        for _ in 0..<3 { try expect(watcher.acknowledge(generation), equals: .acknowledged) }
        try watcher.expectOutdated(false)
    },

    Row("write: of another length than 4 fails with ENOBUFS and changes nothing", needs: .trigger) { device in
        let watcher = try device.openNonBlocking()
        let generation = try device.trigger()
        // The bytes begin with the current generation: only their number is wrong.
        let bytes = withUnsafeBytes(of: generation) { Array($0) } + [UInt8](repeating: 0, count: 100_000)
        for count in [1, 2, 3, 5, 7, 8, 4_096, 100_000] {
            try expect(watcher.write(Array(bytes.prefix(count))), equals: .failure(ENOBUFS), "\(count) bytes")
            try expect(watcher.read(), equals: .generation(generation), "read after \(count) bytes")
        }
        try expect(watcher.acknowledge(generation), equals: .acknowledged)
        for count in [1, 2, 3, 5, 7, 8, 4_096, 100_000] {
            try expect(watcher.write(Array(bytes.prefix(count))), equals: .failure(ENOBUFS), "\(count), up to date")
            try expect(watcher.read(), equals: .failure(EAGAIN), "read after \(count) bytes, up to date")
        }
    },

    // The kernel answers it for a device in user space, which is never asked. A driver would say ENOBUFS.
    Row("write: of no bytes returns 0 and changes nothing", needs: .trigger) { device in
        let watcher = try device.openNonBlocking()
        let generation = try device.trigger()
        try expect(watcher.write([]), equals: .done)
        try expect(watcher.read(), equals: .generation(generation))
    },

    Row("write: of another generation fails with EINVAL and changes nothing", needs: .trigger) { device in
        let watcher = try device.openNonBlocking()
        let bystander = try device.openNonBlocking()
        let generation = try device.trigger()
        for wrong in [generation &- 1, generation &+ 1, generation.byteSwapped, 0, .max] where wrong != generation {
            try expect(watcher.acknowledge(wrong), equals: .failure(EINVAL), "\(wrong)")
            try expect(watcher.read(), equals: .generation(generation), "read after \(wrong)")
        }
        try expect(bystander.read(), equals: .generation(generation), "another watcher")
        try expect(watcher.acknowledge(generation), equals: .acknowledged)
        try expect(watcher.acknowledge(generation &+ 1), equals: .failure(EINVAL), "up to date")
        try expect(watcher.read(), equals: .failure(EAGAIN), "still up to date")
    },

    Row("write: of a generation that was overtaken fails with EINVAL", needs: .trigger) { device in
        let watcher = try device.openNonBlocking()
        let overtaken = try device.trigger()
        try expect(watcher.read(), equals: .generation(overtaken))
        let generation = try device.trigger()
        try expect(watcher.acknowledge(overtaken), equals: .failure(EINVAL))
        try expect(watcher.read(), equals: .generation(generation))
        try expect(watcher.acknowledge(generation), equals: .acknowledged)
    },

    Row("write: acknowledges for no other watcher", needs: .trigger) { device in
        let watchers = try (0..<5).map { _ in try device.openNonBlocking() }
        let generation = try device.trigger()
        for (index, watcher) in watchers.enumerated() {
            try expect(watcher.acknowledge(generation), equals: .acknowledged)
            for (other, observed) in watchers.enumerated() {
                try observed.expectOutdated(other > index, "watcher \(other) after \(index) acknowledged")
            }
        }
    },

    Row("write: to an O_RDONLY descriptor fails with EBADF", needs: .trigger) { device in
        let watcher = try device.open(O_RDONLY | O_NONBLOCK)
        let generation = try device.trigger()
        try expect(watcher.acknowledge(generation), equals: .failure(EBADF))
        try watcher.expectOutdated(true)
    },

    Row("write: does not wake a read that blocks on the same watcher", needs: .trigger) { device in
        let generation = try device.trigger()
        let watcher = try device.open()
        let reader = try watcher.client { device.readWithoutPosition($0) }
        try reader.expectBlocked()
        try expect(device.acknowledgeWithoutPosition(watcher, generation), equals: .acknowledged)
        try reader.expectBlocked("still blocks")
        let next = try device.trigger()
        try expect(reader.answer(), equals: .generation(next))
    },

    // The kernel locks the position of a regular file while it is read, and a write of the same open file
    // waits for it; pread and pwrite do not.
    Row(
        "write: behind a read that blocks on the same watcher it succeeds, when that ends at the latest",
        needs: .trigger, on: [.full]
    ) { device in
        let generation = try device.trigger()
        let watcher = try device.open()
        let reader = try watcher.client { $0.read() }
        try reader.expectBlocked()
        let writer = try watcher.client { $0.acknowledge(generation) }
        client_sleep(blockingTime)
        reader.kill()
        try expect(writer.answer(), equals: .acknowledged)
    },

    Row(
        "write: is not held up by a read that blocks on the same watcher", needs: .trigger,
        on: [.pageCache, .characterDevice]
    ) { device in
        let generation = try device.trigger()
        let watcher = try device.open()
        let reader = try watcher.client { $0.read() }
        try reader.expectBlocked()
        let writer = try watcher.client { $0.acknowledge(generation) }
        try expect(writer.answer(), equals: .acknowledged)
    },
]
