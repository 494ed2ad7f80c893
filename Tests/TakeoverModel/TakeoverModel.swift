/// What can happen to a device while daemons come and go: clients call, a resume comes, the daemon gets one step further, and
/// is killed between any two.
struct TakeoverModel: Explorable {
    /// What happens next.
    enum Step: Hashable, CustomStringConvertible {
        case resume
        case signal
        case call(ClientName)
        /// The next action of a thread.
        case act(Daemon.Thread, Action)
        /// The session gets a request, or goes on without one.
        case deliver(Request)
        case replay(Request)
        case deliverInterrupt
        case look
        case resend(backwards: Bool)
        case kill
        case start

        var description: String {
            switch self {
            case .resume: "the machine is resumed"
            case .signal: "a signal comes to the reader"
            case .call(let client): "the \(client) calls"
            case .act(let thread, let action): "\(thread): \(action)"
            case .deliver(let request): "the kernel delivers \(request)"
            case .replay(let request): "the memory gives \(request)"
            case .deliverInterrupt: "the kernel delivers the interrupt"
            case .look: "the backend looks"
            case .resend(let backwards):
                "the kernel is asked to deliver again\(backwards ? ", and does so backwards" : "")"
            case .kill: "the daemon is killed"
            case .start: "a successor starts"
            }
        }

        /// Whether it comes from outside, so that it may never come.
        var isFree: Bool {
            switch self {
            case .resume, .signal, .kill, .call(.trigger): true
            default: false
            }
        }
    }

    typealias State = World

    let order: Order
    let initial: World

    /// - Parameters:
    ///   - clients: who uses the device.
    ///   - isOpen: whether they have opened the device already.
    ///   - signals: how often the reader's call is interrupted.
    ///   - order: what the daemon does one after the other.
    init(_ release: Release, clients: [ClientName], isOpen: Bool = false, signals: UInt8 = 0, order: Order = .real) {
        self.order = order
        var daemon = Daemon()
        (daemon.identity, daemon.isServing, daemon.isLooking) = (0, true, true)
        var world = World(release: release, signalsLeft: signals, clients: clients.map(Client.init))
        if isOpen { world.open(with: &daemon) }
        world.daemon = daemon
        initial = world
    }

    func successors(of state: World) -> [(step: Step, state: World)] {
        var found: [(Step, World)] = []
        let add = { (step: Step, change: (inout World) -> Void) in
            var next = state
            change(&next)
            found.append((step, next))
        }
        if state.identity == 0 { add(.resume) { $0.identity = 1 } }
        for (index, client) in state.clients.enumerated() {
            switch client.state {
            case .calling: add(.call(client.name)) { $0.call(by: index) }
            case .waiting(let request) where request.call == .read && client.name == .reader && state.signalsLeft > 0:
                add(.signal) {
                    $0.kernel.interrupt(request); $0.signalsLeft -= 1
                }
            default: break
            }
        }
        guard let daemon = state.daemon else {
            add(.start) {
                $0.daemon = Daemon(); $0.daemon!.session.actions = start
            }
            return found
        }
        add(.kill) { $0.daemon = nil }
        for thread in [Daemon.Thread.session, .backend] {
            guard let action = daemon[thread].actions.first else { continue }
            guard !action.locks || daemon.holder == nil else { continue }
            if action == .askAgain, state.release == .resending {
                for backwards in [false, true] where !backwards || state.kernel.unanswered.count > 1 {
                    add(.resend(backwards: backwards)) {
                        $0.daemon![thread].actions.removeFirst()
                        $0.kernel.resend(backwards: backwards)
                        goOn(thread, in: &$0)
                    }
                }
            } else {
                add(.act(thread, action)) { act(thread, in: &$0) }
            }
        }
        addIdle(daemon, state, add)
        return found
    }

    /// What threads do that have nothing left to do.
    private func addIdle(_ daemon: Daemon, _ state: World, _ add: (Step, (inout World) -> Void) -> Void) {
        if daemon.isLooking, daemon.backend.actions.isEmpty, daemon.identity != state.identity {
            add(.look) { $0.daemon!.backend.actions = [.look] }
        }
        guard daemon.isServing, daemon.session.actions.isEmpty else { return }
        if let request = daemon.replays.first {
            add(.replay(request)) { world in
                world.daemon!.replays.removeFirst()
                world.daemon!.isReplaying = true
                world.kept.served = request
                world.daemon!.session.actions = [.handle(request)]
            }
        } else if state.kernel.isInterruptQueued {
            add(.deliverInterrupt) { world in
                world.kernel.isInterruptQueued = false
                world.daemon!.session.actions = [.handleInterrupt]
            }
        } else if let next = state.kernel.queue.first {
            add(.deliver(next.request)) { world in
                let isFirstNew = daemon.isCatchingUp && !next.isResent
                world.daemon!.isReplaying = false
                _ = world.kernel.deliver()
                world.kept.served = next.request
                world.daemon!.session.actions = (isFirstNew ? [.catchUp] : []) + [.handle(next.request)]
            }
        }
    }

    /// What a successor does until it serves.
    private var start: [Action] {
        [.readMemory]
            + order.takeover.map { step in
                switch step {
                case .page: .finishPage
                case .record: .finishRecord
                case .look: .beginToLook
                case .polls: .inheritPolls
                case .again: .askAgain
                }
            } + [.serve, .lookWhetherCaughtUp]
    }
}
