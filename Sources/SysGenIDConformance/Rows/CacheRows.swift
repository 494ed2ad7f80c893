internal import CConformanceClients
internal import Glibc

/// A call that moves bytes out of a file by way of the kernel's cache.
private struct Transfer: Sendable {
    var name: String
    var call: @Sendable (Watcher) -> Answer
}

private let splices = [
    Transfer(name: "splice of 4 bytes") { client_splice($0.descriptor, 4, -1) },
    Transfer(name: "splice of 64 KiB") { client_splice($0.descriptor, 65_536, -1) },
    Transfer(name: "splice at offset 0") { client_splice($0.descriptor, 4, 0) },
]

private let sendfiles = [
    Transfer(name: "sendfile of 4 bytes") { client_sendfile($0.descriptor, 4) },
    Transfer(name: "sendfile of 64 KiB") { client_sendfile($0.descriptor, 65_536) },
]

private let copies = [
    Transfer(name: "copy_file_range of 4 bytes") { client_copy_range($0.descriptor, 4) },
    Transfer(name: "copy_file_range of 64 KiB") { client_copy_range($0.descriptor, 65_536) },
]

private let advices = [
    ("POSIX_FADV_WILLNEED", POSIX_FADV_WILLNEED), ("POSIX_FADV_SEQUENTIAL", POSIX_FADV_SEQUENTIAL),
    ("POSIX_FADV_RANDOM", POSIX_FADV_RANDOM), ("POSIX_FADV_NOREUSE", POSIX_FADV_NOREUSE),
    ("POSIX_FADV_DONTNEED", POSIX_FADV_DONTNEED), ("POSIX_FADV_NORMAL", POSIX_FADV_NORMAL),
]

let cacheRows: [Row] = [
    Row("splice: is refused at once, and holds up nobody", needs: .trigger) { device in
        try expectRefused(splices, on: device)
    },

    Row("sendfile: is refused at once, and holds up nobody", needs: .trigger) { device in
        try expectRefused(sendfiles, on: device)
    },

    Row("copy_file_range: is refused at once, and holds up nobody", needs: .trigger) { device in
        // Out of the file system, the kernel may not copy at all.
        try expectRefused(copies, on: device, besides: [.failure(EXDEV)])
    },

    Row("readahead: has no effect, and holds up nobody", needs: .trigger) { device in
        try expectNoEffect("readahead", on: device) { client_readahead($0.descriptor, 4_096) }
    },

    Row("posix_fadvise: has no effect, and holds up nobody", needs: .trigger) { device in
        for (name, advice) in advices {
            try expectNoEffect(name, on: device) { client_advise($0.descriptor, advice) }
        }
    },

    Row("cache: what fills it and is killed holds up nobody", needs: .trigger) { device in
        let fillers: [@Sendable (Watcher) -> Answer] = [
            { client_splice($0.descriptor, 4, -1) }, { client_sendfile($0.descriptor, 4) },
            { client_readahead($0.descriptor, 4_096) }, { client_advise($0.descriptor, POSIX_FADV_WILLNEED) },
        ]
        for turn in 0..<40 {
            let watcher = try device.open(O_RDONLY)
            let client = try watcher.client { client in
                while true { _ = fillers[turn % fillers.count](client) }
            }
            client_sleep(CInt(turn % 3))
            client.kill()
            watcher.close()
            try device.expectOpenForOthers("turn \(turn)")
        }
    },
]

/// The calls return at once, up to date as well as outdated, and with nothing that was there before a change.
private func expectRefused(_ transfers: [Transfer], on device: Device, besides others: [Answer] = []) throws {
    for transfer in transfers {
        for access in Device.readingAccess {
            let step = "\(transfer.name), \(Device.name(access))"
            let watcher = try device.open(access)
            let generation = try device.trigger()
            let outdated = try watcher.client { transfer.call($0) }
            try expect(outdated.answer(), isOneOf: refusals(of: device, generation) + others, "\(step), outdated")
            try device.expectOpenForOthers("\(step), outdated")
            watcher.close()

            let current = try device.open(access)
            let upToDate = try current.client { transfer.call($0) }
            // Before 6.5 the kernel makes a read of them, as a program would (generic_file_splice_read).
            let waits: [Answer] = device.expectation == .pageCache ? [.blocked] : []
            let permitted = refusals(of: device, generation) + others + waits
            let answer = upToDate.answer(within: waits.isEmpty ? patience : blockingTime)
            try expect(answer, isOneOf: permitted, "\(step), up to date")
            try device.expectOpenForOthers("\(step), up to date")
            // What has come into a cache then must not be there any longer.
            let next = try device.trigger()
            let changed = try current.client { transfer.call($0) }
            try expect(changed.answer(), isOneOf: refusals(of: device, next) + others, "\(step), after a change")
            try expect(current.client { $0.read() }.answer(), equals: .generation(next), "read after \(step)")
            current.close()
        }
    }
}

/// What may come of a call that would read from the kernel's cache.
private func refusals(of device: Device, _ generation: UInt32) -> [Answer] {
    switch device.expectation {
    case .characterDevice: [.failure(EINVAL)]
    // Some kernels make an EIO of each error of a page, whatever the daemon has answered.
    case .full: [.failure(EINVAL), .failure(EIO)]
    // There the kernel has the page, and serves it without asking anybody.
    case .pageCache: [.failure(EINVAL), .failure(EIO), .done, .generation(generation)]
    }
}

/// The call returns at once with nothing or EINVAL, and reads go on as if it had not been.
private func expectNoEffect(
    _ name: String, on device: Device, _ call: @escaping @Sendable (Watcher) -> Answer
) throws {
    for access in Device.readingAccess {
        let step = "\(name), \(Device.name(access))"
        let watcher = try device.open(access)
        for state in ["up to date", "outdated"] {
            if state == "outdated" { try device.trigger() }
            let answer = try watcher.client(call).answer()
            try expect(answer, isOneOf: [.done, .failure(EINVAL)], "\(step), \(state)")
            try device.expectOpenForOthers("\(step), \(state)")
        }
        let generation = try device.trigger()
        try expect(watcher.client { $0.read() }.answer(), equals: .generation(generation), "read after \(step)")
        watcher.close()
    }
}
