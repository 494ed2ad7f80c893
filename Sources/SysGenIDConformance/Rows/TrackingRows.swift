internal import CConformanceClients
internal import Glibc

/// How long a wait that is meant to run out takes, in milliseconds.
let shortWait: UInt = 50

let trackingRows: [Row] = [
    Row("tracking: is off when the device is opened", needs: .trigger, .quietTrackedWatchers) { device in
        _ = try device.openOutdated(tracked: false)
        try expect(device.open(O_RDONLY).request(.wait, shortWait), equals: .done)
    },

    Row("tracking: on, an outdated watcher is waited for", needs: .trigger, .quietTrackedWatchers) { device in
        _ = try device.openOutdated()
        try expect(device.open(O_RDONLY).request(.wait, shortWait), equals: .failure(ETIME))
    },

    Row("tracking: works on an O_RDONLY descriptor", needs: .trigger, .quietTrackedWatchers) { device in
        try device.open(O_RDONLY).track()
        try device.trigger()
        try expect(device.open(O_RDONLY).request(.wait, shortWait), equals: .failure(ETIME))
    },

    Row("tracking: is idempotent", needs: .trigger, .quietTrackedWatchers) { device in
        let watcher = try device.openNonBlocking()
        for _ in 0..<3 { try watcher.track() }
        try device.trigger()
        let overseer = try device.open(O_RDONLY)
        try expect(overseer.request(.wait, shortWait), equals: .failure(ETIME), "on three times")
        try watcher.track(false)
        try expect(overseer.request(.wait, shortWait), equals: .done, "off once")
        for _ in 0..<3 { try watcher.track(false) }
        try watcher.track()
        try expect(overseer.request(.wait, shortWait), equals: .failure(ETIME), "off four times and on once")
    },

    Row("tracking: every word but 0 turns it on", needs: .trigger, .quietTrackedWatchers) { device in
        let watcher = try device.openNonBlocking()
        try device.trigger()
        let overseer = try device.open(O_RDONLY)
        let words: [UInt] = [1, 2, 0x100, 1 << 31, 1 << 32, 0xdead_beef_0000_0000, .max]
        for word in words {
            let step = "word 0x\(String(word, radix: 16))"
            try expect(watcher.request(.setTracking, word), equals: .done, step)
            try expect(overseer.request(.wait, shortWait), equals: .failure(ETIME), step)
            try watcher.track(false)
            try expect(overseer.request(.wait, shortWait), equals: .done, "0 after \(step)")
        }
    },

    Row("tracking: turned on while outdated it counts at once", needs: .trigger, .quietTrackedWatchers) { device in
        let (watcher, _) = try device.openOutdated(tracked: false)
        let overseer = try device.open(O_RDONLY)
        try expect(overseer.request(.wait, shortWait), equals: .done, "before")
        try watcher.track()
        try expect(overseer.request(.wait, shortWait), equals: .failure(ETIME), "after")
    },

    Row("tracking: stays on through acknowledgements", needs: .trigger, .quietTrackedWatchers) { device in
        let watcher = try device.openNonBlocking()
        try watcher.track()
        for _ in 0..<3 {
            let generation = try device.trigger()
            let overseer = try device.open(O_RDONLY)
            try expect(overseer.request(.wait, shortWait), equals: .failure(ETIME), "before the acknowledgement")
            try expect(watcher.acknowledge(generation), equals: .acknowledged)
            try expect(overseer.request(.wait, shortWait), equals: .done, "after the acknowledgement")
        }
    },

    Row("tracking: is shared by descriptors of one watcher", needs: .trigger, .quietTrackedWatchers) { device in
        let watcher = try device.openNonBlocking()
        let child = try watcher.client { $0.request(.setTracking, 1) }
        try expect(child.answer(), equals: .done, "the child's request")
        try device.trigger()
        try expect(device.open(O_RDONLY).request(.wait, shortWait), equals: .failure(ETIME))
    },
]
