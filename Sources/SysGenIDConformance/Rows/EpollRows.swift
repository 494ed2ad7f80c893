internal import CConformanceClients
internal import Glibc

/// An epoll descriptor that watches one watcher, for reading.
private struct Epoll {
    static let changed = Answer.result(Int(EPOLLIN.rawValue | EPOLLRDNORM.rawValue))
    static let nothing = Answer.result(0)

    let watcher: Watcher
    private let descriptor: CInt

    init(_ watcher: Watcher, edgeTriggered: Bool) throws {
        self.watcher = watcher
        descriptor = try expectResult(client_epoll(watcher.descriptor, edgeTriggered), "epoll_ctl")
    }

    func wait(_ milliseconds: CInt) -> Answer { client_epoll_wait(descriptor, milliseconds) }

    /// The events that have to come.
    func events() throws -> Answer { try client().answer() }

    func client() throws -> Client {
        try Client(keeping: [watcher.descriptor, descriptor]) { wait(-1) }
    }
}

let epollRows: [Row] = [
    Row("epoll: a change wakes a sleeping epoll_wait", needs: .trigger) { device in
        for edgeTriggered in [false, true] {
            let client = try Epoll(device.open(O_RDONLY), edgeTriggered: edgeTriggered).client()
            try client.expectBlocked(edgeTriggered ? "edge-triggered" : "level-triggered")
            try device.trigger()
            try expect(client.answer(), equals: Epoll.changed, edgeTriggered ? "edge-triggered" : "level-triggered")
        }
    },

    Row("epoll: level-triggered, it reports until acknowledged", needs: .trigger) { device in
        let epoll = try Epoll(device.open(), edgeTriggered: false)
        for _ in 0..<2 {
            try expect(epoll.wait(blockingTime), equals: Epoll.nothing, "up to date")
            let generation = try device.trigger()
            for _ in 0..<5 { try expect(epoll.events(), equals: Epoll.changed, "outdated") }
            try expect(epoll.watcher.acknowledge(generation), equals: .acknowledged)
        }
        try expect(epoll.wait(blockingTime), equals: Epoll.nothing, "acknowledged")
    },

    Row("epoll: edge-triggered, it reports each change once, acknowledged or not", needs: .trigger) { device in
        for acknowledges in [false, true] {
            let epoll = try Epoll(device.open(), edgeTriggered: true)
            try expect(epoll.wait(blockingTime), equals: Epoll.nothing, "before a change")
            for change in 1...4 {
                let generation = try device.trigger()
                try expect(epoll.events(), equals: Epoll.changed, "change \(change)")
                try expect(epoll.wait(blockingTime), equals: Epoll.nothing, "change \(change) for a second time")
                guard acknowledges else { continue }
                try expect(epoll.watcher.acknowledge(generation), equals: .acknowledged)
                try expect(epoll.wait(blockingTime), equals: Epoll.nothing, "acknowledgement \(change)")
            }
        }
    },

    Row("epoll: edge-triggered, reading and polling bring no report", needs: .trigger) { device in
        let epoll = try Epoll(device.open(O_RDONLY), edgeTriggered: true)
        let generation = try device.trigger()
        try expect(epoll.events(), equals: Epoll.changed, "the change")
        try expect(epoll.watcher.read(), equals: .generation(generation))
        try expect(epoll.watcher.events(), equals: Watcher.changed, "poll")
        try expect(epoll.wait(blockingTime), equals: Epoll.nothing, "after reading and polling")
    },

    Row("epoll: a watcher that is outdated when it is added is reported at once", needs: .trigger) { device in
        for edgeTriggered in [false, true] {
            let watcher = try device.open(O_RDONLY)
            try device.trigger()
            try expect(Epoll(watcher, edgeTriggered: edgeTriggered).events(), equals: Epoll.changed)
        }
    },
]
