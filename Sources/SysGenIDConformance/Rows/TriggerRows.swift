internal import CConformanceClients
internal import Glibc

/// The generation that follows where no minimum is above it.
private func successor(of generation: UInt32) -> UInt32 {
    generation == .max ? 1 : generation + 1
}

let triggerRows: [Row] = [
    Row("trigger: without a minimum the generation grows by 1", needs: .trigger) { device in
        for request in Request.changes {
            let before = try device.trigger(by: request)
            try expect(device.trigger(by: request), equals: successor(of: before), request.name)
        }
    },

    Row("trigger: a minimum below, equal to or next to the current one makes no difference", needs: .trigger) {
        device in
        for request in Request.changes {
            var generation = try device.trigger()
            for distance in [-1, 0, 1] where generation < .max - 10 {
                let minimum = UInt32(Int64(generation) + Int64(distance))
                let next = try device.trigger(minimum: minimum, by: request)
                try expect(next, equals: generation + 1, "\(request.name) from \(generation), minimum \(minimum)")
                generation = next
            }
        }
    },

    Row("trigger: a minimum above is the new generation", needs: .trigger) { device in
        for request in Request.changes {
            let generation = try device.trigger()
            guard generation < .max - 1_000 else { throw Skipped(reason: "the generation is too near its end") }
            let minimum = generation + 100
            try expect(device.trigger(minimum: minimum, by: request), equals: minimum, request.name)
        }
    },

    Row("trigger: the minimum is unsigned, also from 2^31", needs: .trigger) { device in
        for request in Request.changes {
            let generation = try device.trigger()
            let half: UInt32 = 1 << 31
            let next = try device.trigger(minimum: half, by: request)
            try expect(next, equals: generation < half ? half : successor(of: generation), request.name)
            try expect(device.trigger(minimum: 5, by: request), equals: successor(of: next), "\(request.name), then 5")
        }
    },

    Row("trigger: makes everyone outdated, the caller too, from any descriptor", needs: .trigger) { device in
        for request in Request.changes {
            for access in [O_RDONLY, O_WRONLY, O_RDWR] {
                let bystander = try device.openNonBlocking()
                let caller = try device.open(access)
                try expect(caller.request(request), equals: .done, "\(request.name) of \(Device.name(access))")
                try caller.expectOutdated(true, "the caller")
                try bystander.expectOutdated(true, "another watcher")
            }
        }
    },

    Row("trigger: each of many at the same time is a change of its own", needs: .trigger) { device in
        let before = try device.trigger()
        let clients = try (0..<16).map { index in
            try device.open(O_RDONLY).client { $0.request(Request.changes[index % 2]) }
        }
        for client in clients { try expect(client.answer(), equals: .done) }
        let expected = (0...16).reduce(before) { generation, _ in successor(of: generation) }
        try expect(device.trigger(), equals: expected, "the generation after 16 changes and one more")
    },
]

let wrapRows: [Row] = [
    Row("wrap: after 2^32-1 comes 1", needs: .trigger) { device in
        for request in Request.changes {
            try expect(reachEnd(of: device), equals: .max, "the last generation")
            let watcher = try device.openNonBlocking()
            try expect(device.trigger(by: request), equals: 1, request.name)
            try expect(watcher.read(), equals: .generation(1))
        }
    },

    Row("wrap: at 2^32-1 a minimum of 2^32-1 still makes a change", needs: .trigger) { device in
        for request in Request.changes {
            try expect(reachEnd(of: device), equals: .max, "the last generation")
            let watcher = try device.openNonBlocking()
            try expect(device.trigger(minimum: .max, by: request), equals: 1, request.name)
            try watcher.expectOutdated(true)
        }
    },

    // Some hundreds of changes take long where a processor is emulated by a busy one.
    Row(
        "wrap: from every edge comes the larger of successor and minimum", needs: .trigger,
        timeLimit: { _ in 10 * patience }
    ) { device in
        for current in edges {
            for minimum in Set(edges + [0, current - 1, current, current &+ 1]).sorted() {
                for request in Request.changes {
                    try reach(current, of: device)
                    let expected = following(current, minimum: minimum)
                    let step = "\(request.name) from \(current), minimum \(minimum)"
                    try expect(device.trigger(minimum: minimum, by: request), equals: expected, step)
                }
            }
        }
    },

    Row("wrap: of a minimum only the lower 32 bits count", needs: .trigger) { device in
        for upper: UInt in [1, 1 << 31, 0xffff_ffff] {
            for minimum: UInt32 in [0, 7, 1 << 31, .max] {
                for request in Request.changes {
                    try reach(1, of: device)
                    let watcher = try device.openNonBlocking()
                    let word = upper << 32 | UInt(minimum)
                    try expect(watcher.request(request, word), equals: .done, request.name)
                    let expected = Answer.generation(following(1, minimum: minimum))
                    try expect(watcher.read(), equals: expected, "\(request.name), \(word)")
                    watcher.close()
                }
            }
        }
    },

    Row("wrap: a mapped page follows", needs: .trigger, on: .mappable) { device in
        let mapping = try device.open(O_RDONLY).map()
        try expect(reachEnd(of: device), equals: .max, "the last generation")
        try expect(mapping.generation, equals: .max)
        try device.trigger()
        try expect(mapping.generation, equals: 1)
    },
]

/// The generations at which signs and lengths change; 0 is seen only before the first change.
private let edges: [UInt32] = [1, 1 << 31 - 1, 1 << 31, 1 << 31 + 1, .max - 1, .max]

/// Takes the counter to a generation above 0, wherever it is.
private func reach(_ generation: UInt32, of device: Device) throws {
    guard try device.trigger() != generation else { return }
    // After the end comes 1, and a minimum leads from there.
    if try reachEnd(of: device) == generation { return }
    guard try device.trigger() != generation else { return }
    try expect(device.trigger(minimum: generation), equals: generation, "the way to \(generation)")
}

/// What follows, in numbers that cannot overflow.
private func following(_ current: UInt32, minimum: UInt32) -> UInt32 {
    let larger = max(Int64(successor(of: current)), Int64(minimum))
    return larger == Int64(current) ? 1 : UInt32(larger)
}

/// Takes the counter to its end, wherever it is.
private func reachEnd(of device: Device) throws -> UInt32 {
    // From the end itself a first trigger leads away.
    try device.trigger()
    return try device.trigger(minimum: .max)
}
