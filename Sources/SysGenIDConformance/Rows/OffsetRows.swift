internal import Glibc

private let offsets = [0, 1, 3, 4_095, 4_096, 1 << 31, 1 << 40]

let offsetRows: [Row] = [
    Row("offset: pread returns the generation at every offset", needs: .trigger, on: .withOffsets) { device in
        for access in Device.readingAccess {
            let watcher = try device.open(access | O_NONBLOCK)
            for offset in offsets {
                try expect(watcher.read(at: offset), equals: .failure(EAGAIN), "up to date at \(offset)")
            }
            let generation = try device.trigger()
            for offset in offsets {
                try expect(watcher.read(at: offset), equals: .generation(generation), "outdated at \(offset)")
            }
        }
    },

    Row(
        "offset: beside the page cache there is none (pread, pwrite and lseek fail with ESPIPE)", needs: .trigger,
        on: [.pageCache]
    ) { device in
        for access in Device.readingAccess {
            let watcher = try device.open(access | O_NONBLOCK)
            try expect(watcher.read(at: 0), equals: .failure(ESPIPE), "pread of \(Device.name(access))")
            try expect(watcher.seek(to: 0), equals: .failure(ESPIPE), "lseek of \(Device.name(access))")
        }
        let generation = try device.trigger()
        try expect(device.openNonBlocking().acknowledge(generation, at: 0), equals: .failure(ESPIPE), "pwrite")
    },

    Row("offset: pwrite acknowledges at every offset", needs: .trigger, on: .withOffsets) { device in
        let watcher = try device.openNonBlocking()
        for offset in offsets {
            let generation = try device.trigger()
            try expect(watcher.acknowledge(generation, at: offset), equals: .acknowledged, "at \(offset)")
            try expect(watcher.read(), equals: .failure(EAGAIN), "read after that at \(offset)")
        }
        let newcomer = try device.openNonBlocking()
        let generation = try device.trigger()
        try expect(newcomer.read(), equals: .generation(generation), "a watcher opened later")
    },

    Row("offset: reads after lseek return the generation", needs: .trigger) { device in
        for access in Device.readingAccess where !device.isCached(access) {
            let watcher = try device.open(access | O_NONBLOCK)
            let generation = try device.trigger()
            for offset in offsets {
                // Where the device has no offset to set, that is as good as one that does not matter.
                _ = watcher.seek(to: offset)
                try expect(watcher.read(), equals: .generation(generation), "\(Device.name(access)) at \(offset)")
            }
        }
    },

    Row("offset: more reads than would fit into a page", needs: .trigger) { device in
        for access in Device.readingAccess {
            let watcher = try device.open(access | O_NONBLOCK)
            let generation = try device.trigger()
            for turn in 0..<1_100 {
                try expect(watcher.read(), equals: .generation(generation), "read \(turn) of \(Device.name(access))")
            }
        }
    },

    Row("offset: more writes than would fit into a page", needs: .trigger) { device in
        for flags in [O_RDWR, O_RDWR | O_APPEND] {
            let watcher = try device.open(flags | O_NONBLOCK)
            let generation = try device.trigger()
            for turn in 0..<1_100 {
                try expect(watcher.acknowledge(generation), equals: .acknowledged, "write \(turn)")
            }
            try expect(watcher.read(), equals: .failure(EAGAIN))
        }
    },
]
