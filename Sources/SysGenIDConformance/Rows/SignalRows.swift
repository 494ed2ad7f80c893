internal import CConformanceClients
internal import Glibc

let signalRows: [Row] = [
    Row("signal: a handler interrupts a blocked read with EINTR") { device in
        let client = try device.open(O_RDONLY).interruptibleClient { $0.read() }
        try client.expectBlocked()
        try expect(client.answerWhenInterrupted(), equals: .failure(EINTR))
    },

    Row("signal: a handler interrupts both waits with EINTR", needs: .trigger) { device in
        _ = try device.openOutdated()
        for request in [Request.wait, .waitForAll] {
            let client = try device.open(O_RDONLY).interruptibleClient { $0.request(request, 0) }
            try client.expectBlocked(request.name)
            try expect(client.answerWhenInterrupted(), equals: .failure(EINTR), request.name)
        }
    },

    Row("signal: a handler interrupts a sleeping poll with EINTR") { device in
        let client = try device.open(O_RDONLY).interruptibleClient { $0.events(within: -1) }
        try client.expectBlocked()
        try expect(client.answerWhenInterrupted(), equals: .failure(EINTR))
    },

    Row("signal: an interrupted watcher goes on as before", needs: .trigger) { device in
        let watcher = try device.open()
        for _ in 0..<3 {
            let interrupted = try watcher.interruptibleClient { $0.read() }
            try interrupted.expectBlocked(for: 20)
            try expect(interrupted.answerWhenInterrupted(), equals: .failure(EINTR))
        }
        let client = try watcher.client { $0.read() }
        try client.expectBlocked("a later read blocks")
        let generation = try device.trigger()
        try expect(client.answer(), equals: .generation(generation), "a later read")
        try expect(watcher.acknowledge(generation), equals: .acknowledged)
    },

    Row("signal: an interrupted reader does not disturb another of the same watcher", needs: .trigger) { device in
        let watcher = try device.open()
        let patient = try watcher.client { device.readWithoutPosition($0) }
        let interrupted = try watcher.interruptibleClient { device.readWithoutPosition($0) }
        try interrupted.expectBlocked()
        try expect(interrupted.answerWhenInterrupted(), equals: .failure(EINTR))
        try patient.expectBlocked("the other reader")
        let generation = try device.trigger()
        try expect(patient.answer(), equals: .generation(generation), "the other reader")
    },

    Row("signal: SIGKILL ends blocked clients promptly", needs: .trigger) { device in
        _ = try device.openOutdated()
        let operations: [@Sendable (Watcher) -> Answer] = [
            { $0.read() }, { $0.events(within: -1) }, { $0.request(.wait, 0) }, { $0.request(.waitForAll, 0) },
        ]
        for (index, operation) in operations.enumerated() {
            let client = try device.open(O_RDONLY).client { operation($0) }
            try client.expectBlocked("operation \(index)")
            guard client.kill() != nil else {
                throw Mismatch(step: "operation \(index)", expected: "an end by SIGKILL", got: "none")
            }
        }
    },

    Row("signal: a stopped and continued reader waits on (EINTR at most)", needs: .trigger) { device in
        let client = try device.open(O_RDONLY).client { $0.readRetrying() }
        try client.expectBlocked("before")
        for _ in 0..<2 {
            client.send(SIGSTOP)
            client_sleep(50)
            client.send(SIGCONT)
            try client.expectBlocked("continued")
        }
        let generation = try device.trigger()
        try expect(client.answer(), equals: .generation(generation), "after a change")
    },

    Row("signal: a change while the reader is stopped reaches it when continued", needs: .trigger) { device in
        let client = try device.open(O_RDONLY).client { $0.readRetrying() }
        try client.expectBlocked("before")
        client.send(SIGSTOP)
        client_sleep(50)
        let generation = try device.trigger()
        client_sleep(50)
        client.send(SIGCONT)
        try expect(client.answer(), equals: .generation(generation))
    },
]
