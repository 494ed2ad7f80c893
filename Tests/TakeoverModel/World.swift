/// All there is at a moment.
struct World: Hashable {
    var release: Release
    /// What shows a resume.
    var identity: UInt8 = 0
    var isTriggered = false
    var signalsLeft: UInt8
    var clients: [Client]
    var kernel = Kernel()
    var kept = Kept()
    /// Nil while none lives.
    var daemon: Daemon?

    // What is held against what comes.
    /// The highest generation that a mapping has shown.
    var shown: UInt8 = 0
    /// What a mapping showed when the trigger was called.
    var shownAtTrigger: UInt8 = 0
    /// What somebody has complained of first.
    var complaint: String?

    /// How many changes there is reason for.
    var asked: UInt8 { identity + (isTriggered ? 1 : 0) }

    func client(_ name: ClientName) -> Int? { clients.firstIndex { $0.name == name } }

    /// All clients but the trigger have opened the device before.
    mutating func open(with daemon: inout Daemon) {
        for index in clients.indices where clients[index].name != .trigger {
            let slot = UInt8(index)
            clients[index].watcher = slot
            clients[index].state = .calling(clients[index].name == .reader ? .read : .poll)
            daemon.watchers[index] = Daemon.Watcher(acknowledged: 0)
            kept.watchers[index] = Kept.Watcher(acknowledged: 0)
        }
    }

    mutating func complain(_ text: String?) {
        complaint = complaint ?? text
    }

    /// A client makes its call.
    mutating func call(by index: Int) {
        guard case .calling(let call) = clients[index].state else { return }
        clients[index].callCount += 1
        let request = Request(client: clients[index].name, call: call, number: clients[index].callCount)
        clients[index].state = .waiting(request)
        if call == .trigger { (isTriggered, shownAtTrigger) = (true, kept.page) }
        kernel.send(request)
    }

    /// The daemon answers; nothing happens where nobody waits for that.
    mutating func answer(_ request: Request, _ answer: Answer) {
        guard kernel.answer(request), let index = client(request.client) else { return }
        complain(clients[index].take(answer, to: request.call, asked: asked, page: kept.page))
        if request.call == .trigger, kept.page <= shownAtTrigger {
            complain("the trigger has come back, and the page shows \(kept.page) as before")
        }
    }

    mutating func storePage(_ generation: UInt8) {
        kept.page = generation
        if generation < shown { complain("the page goes back from \(shown) to \(generation)") }
        if generation > asked { complain("the page shows \(generation), and nobody has asked for it") }
        shown = max(shown, generation)
    }

    mutating func storeRecord(_ change: Change) {
        if change.generation < kept.record.generation {
            complain("the record goes back from \(kept.record.generation) to \(change.generation)")
        }
        kept.record = Change(generation: change.generation, identity: change.identity)
    }
}
