internal import CConformanceClients
internal import Glibc

let readRows: [Row] = [
    Row("read: of no bytes returns 0", needs: .trigger) { device in
        // From the page cache, a read of no bytes may block.
        for access in Device.readingAccess where !device.isCached(access) {
            let watcher = try device.open(access)
            let upToDate = try watcher.client { $0.read(0) }
            try expect(upToDate.answer(), equals: .done, "\(Device.name(access)), up to date")
            try device.trigger()
            let outdated = try watcher.client { $0.read(0) }
            try expect(outdated.answer(), equals: .done, "\(Device.name(access)), outdated")
        }
    },

    Row("read: of 1, 2 or 3 bytes fails with EINVAL", needs: .trigger) { device in
        for access in Device.readingAccess where !device.isCached(access) {
            let watcher = try device.open(access)
            for count in 1...3 {
                let client = try watcher.client { $0.read(count) }
                try expect(client.answer(), equals: .failure(EINVAL), "\(count) of \(Device.name(access)), up to date")
            }
            try device.trigger()
            for count in 1...3 {
                let client = try watcher.client { $0.read(count) }
                try expect(client.answer(), equals: .failure(EINVAL), "\(count) of \(Device.name(access)), outdated")
            }
        }
    },

    // A character device cannot be opened so.
    Row(
        "read: of 1, 2 or 3 bytes past the page cache fails with EINVAL", needs: .trigger, on: [.full, .pageCache]
    ) { device in
        let watcher = try device.open(O_RDONLY | O_NONBLOCK | client_direct)
        try device.trigger()
        for count in 1...3 { try expect(watcher.read(count), equals: .failure(EINVAL), "\(count)") }
    },

    Row("read: of 1, 2 or 3 bytes from the page cache returns as many", needs: .trigger, on: [.pageCache]) { device in
        let watcher = try device.open(O_RDONLY | O_NONBLOCK)
        try device.trigger()
        for count in 1...3 { try expect(watcher.read(count), equals: .result(count)) }
    },

    Row("read: up to date with O_NONBLOCK fails with EAGAIN, also after a change was acknowledged", needs: .trigger) {
        device in
        let watcher = try device.openNonBlocking()
        try expect(watcher.read(), equals: .failure(EAGAIN), "after open")
        let generation = try device.trigger()
        try expect(watcher.acknowledge(generation), equals: .acknowledged)
        try expect(watcher.read(), equals: .failure(EAGAIN), "after the acknowledgement")
    },

    Row("read: O_NONBLOCK is honoured when it is set later") { device in
        for access in Device.readingAccess where !device.isCached(access) {
            guard case let opened = client_open(device.path, access), let descriptor = opened.resultValue else {
                continue
            }
            let watcher = Watcher(descriptor: descriptor)
            let blocked = try watcher.client { $0.read() }
            try blocked.expectBlocked(Device.name(access))
            blocked.kill()
            try watcher.setNonBlocking(true)
            let client = try watcher.client { $0.read() }
            try expect(client.answer(), equals: .failure(EAGAIN), Device.name(access))
        }
    },

    Row("read: O_NONBLOCK that is set later goes unnoticed in the page cache", on: [.pageCache]) { device in
        let watcher = try device.open(O_RDONLY)
        try watcher.setNonBlocking(true)
        let client = try watcher.client { $0.read() }
        try client.expectBlocked()
    },

    Row("read: blocks when O_NONBLOCK is cleared later", needs: .trigger) { device in
        let watcher = try device.openNonBlocking()
        try expect(watcher.read(), equals: .failure(EAGAIN), "before")
        try watcher.setNonBlocking(false)
        let client = try watcher.client { $0.read() }
        try client.expectBlocked()
        let generation = try device.trigger()
        try expect(client.answer(), equals: .generation(generation))
    },

    Row("read: blocks until a change and returns the new generation", needs: .trigger) { device in
        for access in Device.readingAccess {
            let client = try device.open(access).client { $0.read() }
            try client.expectBlocked(Device.name(access))
            let generation = try device.trigger()
            try expect(client.answer(), equals: .generation(generation), Device.name(access))
        }
    },

    Row("read: all that block on one watcher wake", needs: .trigger) { device in
        let watcher = try device.open()
        let clients = try (0..<8).map { _ in try watcher.client { $0.read() } }
        for client in clients { try client.expectBlocked(for: 20) }
        let generation = try device.trigger()
        for client in clients { try expect(client.answer(), equals: .generation(generation)) }
    },

    Row("read: all that block on watchers of their own wake", needs: .trigger) { device in
        let clients = try (0..<32).map { _ in try device.open(O_RDONLY).client { $0.read() } }
        for client in clients { try client.expectBlocked(for: 5) }
        let generation = try device.trigger()
        for client in clients { try expect(client.answer(), equals: .generation(generation)) }
    },

    Row("read: returns four bytes whatever the size, until acknowledged", needs: .trigger) { device in
        let cached = try device.open(O_RDONLY | O_NONBLOCK)
        let watcher = try device.openNonBlocking()
        let generation = try device.trigger()
        for count in [4, 5, 8, 4_096, 100_000, 4] {
            try expect(cached.read(count), equals: .generation(generation), "\(count) bytes, O_RDONLY")
            try expect(watcher.read(count), equals: .generation(generation), "\(count) bytes, O_RDWR")
        }
        try expect(watcher.acknowledge(generation), equals: .acknowledged)
        try expect(watcher.read(), equals: .failure(EAGAIN), "after the acknowledgement")
        try expect(cached.read(), equals: .generation(generation), "the watcher that did not acknowledge")
    },

    Row("read: returns the newest generation after several changes", needs: .trigger) { device in
        let watchers = try Device.readingAccess.map { try device.open($0 | O_NONBLOCK) }
        for _ in 0..<5 {
            let generation = try device.trigger()
            for watcher in watchers { try expect(watcher.read(), equals: .generation(generation)) }
        }
    },

    Row("read: readv fills the first buffer", needs: .trigger) { device in
        for access in Device.readingAccess {
            let watcher = try device.open(access | O_NONBLOCK)
            try expect(client_read_two_buffers(watcher.descriptor, 8), equals: .failure(EAGAIN), "up to date")
            let generation = try device.trigger()
            try expect(client_read_two_buffers(watcher.descriptor, 8), equals: .generation(generation), "outdated")
        }
    },

    Row("fstat: never blocks, also while a read does") { device in
        let watcher = try device.open(O_RDONLY)
        let reader = try watcher.client { $0.read() }
        try reader.expectBlocked("the read blocks")
        let observer = try watcher.client { $0.status() }
        try expect(observer.answer(), equals: .done)
        try reader.expectBlocked("the read still blocks", for: 10)
    },
]
