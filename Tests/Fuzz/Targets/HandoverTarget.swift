import Glibc
import StateModel
import SysGenIDCore
import SysGenIDFuse
import SysGenIDSystem

@testable import SysGenIDFrontends

extension FuzzTarget {
    /// The memory that a successor reads. The bytes choose what a daemon has written to it, and what somebody else has
    /// written over that. What is accepted has to be within its bounds, and a service has to go on with it, whose own
    /// successor finds what it has left.
    static let handover = FuzzTarget(name: "handover") { bytes in
        var choices = ByteChoices(bytes)
        let limits = Limits(watchers: 4, parkedPerWatcher: 2)
        guard let memory = try HandoverMemory(device: "/dev/sysgenid", limits: limits) else { return false }
        for _ in 0..<choices.number(below: 16) { memory.live(by: &choices) }
        while !choices.isExhausted { memory.damage(by: &choices) }
        guard let first = try? found(in: memory.memory) else { return false }
        try demand(first.isSame(as: try found(in: memory.memory)), "another one at the second time")
        try demand(first.slots.count <= limits.watchers, "\(first.slots.count) watchers")
        try demand(first.parked.count <= limits.parked, "\(first.parked.count) parked requests")
        try demand(first.watchers.keys.allSatisfy { first.slots[$0.slot].watcher != nil }, "a watcher without a slot")
        for kind in FrontendKind.allCases {
            for message in first.unanswered(of: kind) + (first.session(of: kind).map { [$0.agreement.handshake] } ?? [])
            {
                try demand(HandoverReader.unique(of: message) != nil, "a message of \(message.count) bytes")
            }
        }
        // The changes of the next daemon must still be below the limit of their numbers.
        let changes = memory.memory.load(UInt64.self, at: HandoverLayout.Header.changeCount)
        if changes < HandoverLayout.Change.numberLimit - 16 { try goOn(with: memory.memory) }
        return true
    }

    private static func found(in memory: SharedMemory) throws(HandoverDefect) -> Inheritance {
        try HandoverReader(memory).continued().1
    }

    /// A service takes the memory over, does a little of everything, and is taken over itself.
    private static func goOn(with memory: SharedMemory) throws {
        let page = try CounterPage(generation: 0)
        var handover = try Handover(continuing: memory, page)
        // As the daemon has it: no more than the memory has room for.
        let limits = Limits(watchers: handover.memory.watcherCapacity, parkedPerWatcher: 2)
        handover.keepOnly([.counterFile])
        guard let inheritance = handover.inheritance else { return }
        let service = try GenerationService(
            continuing: inheritance.record, limits: limits, journal: Forgetful(), handover: handover
        ) { _ in }
        service.finishInheritedChange()
        try demand(page.load() == inheritance.record.generation.rawValue, "the page shows \(page.load())")
        service.inheritPolls(inheritance.watchers, of: .counterFile, connection: -1)
        let opened = try? service.opened(
            by: Opener(thread: 1, userID: 0, account: .privileged), for: RequestKey(1 << 40, of: .counterFile),
            flags: .isCounterFile,
            isForWriting: true)
        for _ in 0..<3 {
            let before = service.current
            service.handle { $0.triggered(minimum: 0, isPermitted: true) }
            try demand(service.current == before.next(), "\(service.current) after \(before)")
        }
        service.caughtUp(.counterFile, watchers: inheritance.watchers)
        if let opened { service.handover?.openAnswered(opened, of: .counterFile) }
        for id in inheritance.watchers.keys.sorted(by: { $0.rawValue < $1.rawValue }).prefix(2) { service.closed(id) }
        let census = service.snapshot.census
        let next = try found(in: memory)
        try demand(next.record.generation == service.current, "\(next.record) and not \(service.current)")
        var kept = next
        kept.keepOnly([.counterFile])
        try demand(kept.watcherCount == census.watchers, "\(kept.watcherCount) of \(census.watchers) watchers")
        service.shutDown()
    }
}

extension Inheritance {
    fileprivate func isSame(as other: Inheritance) -> Bool {
        record == other.record && device == other.device && slots == other.slots && watchers == other.watchers
            && unansweredOpens == other.unansweredOpens && triggers == other.triggers && parked == other.parked
            && served == other.served && frontends == other.frontends && attributes == other.attributes
    }
}

extension HandoverMemory {
    private func opener(by choices: inout ByteChoices) -> Opener {
        let accounts: [Account] = [.privileged, .user(.max), .namespace(0xf000_0000)]
        return Opener(
            thread: 1, userID: 1, account: accounts[choices.number(below: 3)],
            group: choices.number(below: 2) == 0 ? nil : .controlGroup("/a".utf8))
    }

    /// What a daemon may do.
    fileprivate func live(by choices: inout ByteChoices) {
        let kind = FrontendKind.allCases[choices.number(below: 2)]
        let key = RequestKey(2 * UInt64(choices.number(below: 128)) + 2, of: kind)
        let id = WatcherID(slot: choices.number(below: watcherCapacity), uses: UInt32(choices.number(below: 4)))
        let watcher = HandedWatcher(
            opener: opener(by: &choices), acknowledged: .fresh, isTracked: true, awaitsPollNotification: false)
        switch choices.number(below: 8) {
        case 0: commit(Record(generation: Generation(rawValue: UInt32(choices.number(below: 256)))), by: key)
        case 1: opened(id, watcher, by: key, flags: kind == .counterFile ? .isCounterFile : [])
        case 2: openAnswered(id, of: kind)
        case 3: changed(id, to: watcher)
        case 4: polled(id, number: UInt64(choices.number(below: 256)), at: .fresh)
        case 5: closed(id)
        case 6: _ = MessageSource.unknown(unique: key.rawValue).withUnsafeBytes { park($0, as: key, until: nil) }
        default:
            MessageSource.unknown(unique: key.rawValue).withUnsafeBytes { serving($0, of: kind) }
            connected(kind, by: Agreement(handshake: MessageSource.handshake(unique: 2, of: kind), reply: [1, 2, 3]))
        }
    }

    /// Writes over a few bytes, mostly where something lies.
    fileprivate func damage(by choices: inout ByteChoices) {
        let places = [
            0, Layout.Frontend.offset(of: .counterFile), Layout.Path.length, Layout.Change.offset(of: 1),
            Layout.Served.offset(of: .counterFile), Layout.Watcher.offset(of: 0), Layout.Watcher.offset(of: 2),
            Layout.Parked.offset(of: 0, watcherCapacity: watcherCapacity),
        ]
        let offset = places[choices.number(below: places.count)] + choices.number(below: 160)
        let bytes = (0..<1 + choices.number(below: 8)).map { _ in UInt8(choices.number(below: 256)) }
        bytes.withUnsafeBytes { memory.store($0, at: offset) }
    }
}
