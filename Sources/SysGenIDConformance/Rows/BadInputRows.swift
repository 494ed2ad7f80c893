internal import CConformanceClients
internal import Glibc

private let unknownWords = [
    CLIENT_V8_NUMBER_0, CLIENT_V8_NUMBER_4, CLIENT_V4_NUMBER_0, CLIENT_V4_NUMBER_4, CLIENT_V4_NUMBER_9,
    CLIENT_OTHER_TYPE,
]

private let unknownSizes = [
    CLIENT_SIZED_TRACKING, CLIENT_SIZED_WAIT, CLIENT_SIZED_TRIGGER, CLIENT_SIZED_COUNT, CLIENT_SIZED_FORCE,
]

let badInputRows: [Row] = [
    Row("bad input: an unknown request fails with EINVAL") { device in
        let watcher = try device.open(O_RDONLY)
        for request in unknownWords {
            for word in [0, 1, .max] as [UInt] {
                let client = try watcher.client { client_ioctl($0.descriptor, UInt(request.rawValue), word) }
                try expect(client.answer(), equals: .failure(EINVAL), hexadecimal(request))
            }
        }
        try watcher.expectOutdated(false)
    },

    Row("bad input: a known number with a size fails with EINVAL") { device in
        let watcher = try device.open(O_RDONLY)
        for request in unknownSizes {
            let client = try watcher.client { client_ioctl_pointer($0.descriptor, UInt(request.rawValue)) }
            try expect(client.answer(), equals: .failure(EINVAL), hexadecimal(request))
        }
        try watcher.expectOutdated(false)
    },

    Row("bad input: it is no terminal (EINVAL or ENOTTY)") { device in
        let client = try device.open(O_RDONLY).client {
            client_ioctl_pointer($0.descriptor, UInt(CLIENT_TERMINAL.rawValue))
        }
        try expect(client.answer(), isOneOf: [.failure(EINVAL), .failure(ENOTTY)])
    },

    Row("bad input: a read to memory that is not there fails with EFAULT", needs: .trigger) { device in
        for access in Device.readingAccess {
            let watcher = try device.open(access)
            let generation = try device.trigger()
            let client = try watcher.client { client_read_to_nowhere($0.descriptor) }
            try expect(client.answer(), equals: .failure(EFAULT), Device.name(access))
            try expect(watcher.read(), equals: .generation(generation), "a good read after it")
        }
    },

    Row("bad input: a write from memory that is not there fails with EFAULT", needs: .trigger) { device in
        let watcher = try device.openNonBlocking()
        let generation = try device.trigger()
        let client = try watcher.client { client_write_from_nowhere($0.descriptor) }
        try expect(client.answer(), equals: .failure(EFAULT))
        try expect(watcher.read(), equals: .generation(generation), "still outdated")
    },

    Row("bad input: a huge timeout neither ends at once nor lasts longer than what it waits for", needs: .trigger) {
        device in
        for request in [Request.wait, .waitForAll] {
            for timeout in [UInt(UInt32.max), 1 << 53, UInt(Int.max), .max] {
                let (watcher, generation) = try device.openOutdated()
                let client = try device.open(O_RDONLY).client { $0.request(request, timeout) }
                try client.expectBlocked("\(request.name), timeout \(timeout)")
                // Another open file may be outdated, but a change ends both waits.
                try device.trigger()
                try expect(client.answer(), equals: .failure(EINTR), "\(request.name), timeout \(timeout)")
                try expect(watcher.acknowledge(generation), equals: .failure(EINVAL), "the overtaken generation")
                watcher.close()
            }
        }
    },

    Row("bad input: ftruncate is refused or harmless", needs: .trigger) { device in
        let generation = try device.trigger()
        let bystander = try device.openNonBlocking()
        let watcher = try device.openNonBlocking()
        for length in [0, 1, 1 << 20] {
            let client = try watcher.client { $0.truncate(to: length) }
            let answer = client.answer()
            guard answer == .done || answer.isFailure else {
                throw Mismatch(step: "ftruncate to \(length)", expected: "0 or an error", got: "\(answer)")
            }
            try expect(bystander.read(), equals: .failure(EAGAIN), "another watcher after ftruncate to \(length)")
        }
        try expect(watcher.acknowledge(generation), equals: .acknowledged)
    },

    Row("bad input: ftruncate and O_TRUNC take no mapped page away", needs: .trigger, on: .mappable) { device in
        let generation = try device.trigger()
        let mapping = try device.open(O_RDONLY).map()
        let reader = { try Client(keeping: []) { .generation(mapping.generation) }.answer() }
        _ = try device.open().client { $0.truncate(to: 0) }.answer()
        try expect(reader(), equals: .generation(generation), "the page after ftruncate")
        _ = try device.open(O_RDWR | O_TRUNC)
        try expect(reader(), equals: .generation(generation), "the page after O_TRUNC")
        let newcomer = try device.open(O_RDONLY).map()
        let later = try Client(keeping: []) { .generation(newcomer.generation) }
        try expect(later.answer(), equals: .generation(generation), "a page mapped later")
    },

    Row("bad input: clients that die in the middle of anything disturb nobody", needs: .trigger) { device in
        let watcher = try device.openNonBlocking()
        let operations: [@Sendable (Watcher) -> Answer] = [
            { $0.read() }, { $0.events(within: -1) }, { $0.request(.wait, 0) },
            { $0.acknowledge(0xdead_beef) }, { $0.write([1, 2, 3]) },
        ]
        for turn in 0..<60 {
            let client = try device.open().client { client in
                while true { _ = operations[turn % operations.count](client) }
            }
            client_sleep(CInt(turn % 4))
            client.kill()
        }
        let generation = try device.trigger()
        try expect(watcher.read(), equals: .generation(generation))
    },
]

private func hexadecimal(_ request: client_unknown_request) -> String {
    "request 0x\(String(request.rawValue, radix: 16))"
}
