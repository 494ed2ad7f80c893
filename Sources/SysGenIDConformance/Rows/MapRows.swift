internal import CConformanceClients
internal import Glibc

extension Device {
    /// The ways in which a page can be mapped for reading.
    ///
    /// From the page cache an O_RDWR descriptor, which bypasses it, cannot be mapped.
    var readingMaps: [(access: CInt, sharing: Sharing)] {
        let access = expectation == .pageCache ? [O_RDONLY] : Device.readingAccess
        return access.flatMap { access in Sharing.allCases.map { (access, $0) } }
    }
}

let mapRows: [Row] = [
    Row("mmap: a character device in user space cannot be mapped (ENODEV)", on: [.characterDevice]) { device in
        let watcher = try device.open(O_RDONLY)
        for sharing in Sharing.allCases {
            try expect(Mapping.attempt(watcher, sharing).answer, equals: .failure(ENODEV), sharing.name)
        }
    },

    Row("mmap: the page holds the generation, from every descriptor", needs: .trigger, on: .mappable) { device in
        let generation = try device.trigger()
        for (access, sharing) in device.readingMaps {
            let mapping = try device.open(access).map(sharing)
            try expect(mapping.generation, equals: generation, "\(sharing.name) of \(Device.name(access))")
        }
    },

    Row(
        "mmap: MAP_SHARED of O_RDWR fails with ENODEV beside the page cache", needs: .writing, on: [.pageCache]
    ) { device in
        try expect(Mapping.attempt(device.open()).answer, equals: .failure(ENODEV))
    },

    Row("mmap: a mapped page follows each change", needs: .trigger, on: .mappable) { device in
        let mappings = try device.readingMaps.map { try device.open($0.access).map($0.sharing) }
        for _ in 0..<5 {
            let generation = try device.trigger()
            for mapping in mappings { try expect(mapping.generation, equals: generation) }
        }
    },

    Row("mmap: the page is new before a blocked read, poll or wait wakes", needs: .trigger, on: .mappable) { device in
        let mapping = try device.open(O_RDONLY).map()
        for _ in 0..<20 {
            let reader = try device.open(O_RDONLY).client {
                _ = $0.read()
                return .generation(mapping.generation)
            }
            let poller = try device.open(O_RDONLY).client {
                _ = $0.events(within: -1)
                return .generation(mapping.generation)
            }
            try reader.expectBlocked(for: 10)
            try poller.expectBlocked(for: 10)
            let generation = try device.trigger()
            try expect(reader.answer(), equals: .generation(generation), "what the woken reader maps")
            try expect(poller.answer(), equals: .generation(generation), "what the woken poller maps")
        }
    },

    Row("mmap: a mapping outlives its descriptor and sees the next change", needs: .trigger, on: .mappable) { device in
        for (access, sharing) in device.readingMaps {
            let watcher = try device.open(access)
            let mapping = try watcher.map(sharing)
            watcher.close()
            client_sleep(20)
            let generation = try device.trigger()
            try expect(mapping.generation, equals: generation, "\(sharing.name) of \(Device.name(access))")
        }
    },

    Row(
        "mmap: a mapping without a descriptor is no watcher", needs: .trigger, .quietOpenFiles, on: [.full]
    ) { device in
        let watcher = try device.open(O_RDONLY)
        let mapping = try watcher.map()
        let generation = try device.trigger()
        try expectEventually("count while it is open", equals: 1) { try device.outdatedCount() }
        watcher.close()
        try expectEventually("count after the close", equals: 0) { try device.outdatedCount() }
        try expect(mapping.generation, equals: generation)
    },

    Row(
        "mmap: a mapping of the page cache keeps its watcher until it is unmapped",
        needs: .trigger, .quietOpenFiles, on: [.pageCache]
    ) { device in
        let watcher = try device.open(O_RDONLY)
        let mapping = try watcher.map()
        try device.trigger()
        watcher.close()
        client_sleep(blockingTime)
        try expect(device.outdatedCount(), equals: 1, "count after the close")
        mapping.unmap()
        try expectEventually("count after munmap", equals: 0) { try device.outdatedCount() }
    },

    Row("mmap: a mapping is inherited by fork and sees the next change", needs: .trigger, on: .mappable) { device in
        let mapping = try device.open(O_RDONLY).map()
        let before = try device.trigger()
        let child = try Client(keeping: []) {
            while mapping.generation == before { client_sleep(1) }
            return .generation(mapping.generation)
        }
        try child.expectBlocked("waits for the page to change")
        let generation = try device.trigger()
        try expect(child.answer(), equals: .generation(generation))
    },

    Row("mmap: the rest of the page is zero", needs: .trigger, on: .mappable) { device in
        let mapping = try device.open(O_RDONLY).map()
        try device.trigger()
        for offset in stride(from: 4, to: Mapping.pageSize, by: 4) {
            try expect(mapping.word(at: offset), equals: 0, "at \(offset)")
        }
    },
]
