/// How a watcher goes on from one daemon to the next, whatever happens: a state machine that opens, reads and writes nothing
/// itself. Each call, and what came of each step of it, is an event; the next step follows, up to an end.
struct Succession: Sendable {
    typealias Access = SystemGenerationDevice.Access

    enum Step: Hashable, Sendable {
        /// Share nothing with the parent any more, and keep its watcher: overseers wait for that one until this process
        /// has acknowledged the change that it was told of, since its own one is up to date from the start.
        case leaveParent
        /// Take note of the wake-ups that there were.
        case clear
        /// Ask the watcher whether it is up to date.
        case ask
        /// Open the watcher that follows one that cannot be written to. That one is read later, so that whatever comes too
        /// late to be read outdates the next one.
        case prepare
        case read
        /// Write the generation to the watcher, and let the parent's go.
        case acknowledge(Generation)
        /// Put the next watcher, where there is one, in the place of the outdated one, and let the parent's go.
        case replace
        /// Let go of what is open, and open the next watcher.
        case open(Access)
        /// Map the page of the device that is served now.
        case map(Mapping)
        /// See which generation is shown, and then whether the next watcher is up to date.
        case compare
        /// Put the next watcher in place: it is up to date with the generation that was shown, if any was.
        case adopt(shown: Generation?)
        /// Write the generation to the watcher to see whether it is the current one: the device takes no other.
        case prove(Generation)
        /// Let go of what is open.
        case disconnect(Afterwards)
        case end(Outcome)
        case fail(DeviceFailure)
    }

    /// What a page is mapped by.
    enum Mapping: Hashable, Sendable {
        /// Before 6.9, a descriptor for writing cannot be mapped.
        case watcher
        /// A mapping by a descriptor for reading counts as an open file until it ends, before 6.9: it must not be the
        /// watcher's, which may be tracked.
        case descriptorOfItsOwn
    }

    /// What comes when nothing is open.
    enum Afterwards: Hashable, Sendable {
        case lookLater
        case lookAtOnce
        case fail(DeviceFailure)
    }

    enum Outcome: Hashable, Sendable {
        case change(Generation)
        case acknowledged
        /// Neither of these.
        case nothing
    }

    enum Call: Hashable, Sendable {
        case open
        /// - inChild: of a fork(2), which shares the open file, and so one acknowledgement.
        case take(inChild: Bool)
        case acknowledge(Generation, inChild: Bool)
    }

    enum Event: Hashable, Sendable {
        case called(Call)
        /// The watcher was asked.
        case found(SystemGenerationDevice.WatcherState)
        case read(Generation)
        /// - shown: nil where nothing shows the generation.
        case compared(shown: Generation?, SystemGenerationDevice.WatcherState)
        /// The step was done that yields nothing.
        case done
        case failed(DeviceFailure)
    }

    let options: FollowedDevice.Options
    /// The generation that was taken last, or that the device had when it was first opened; nil where nothing shows it.
    var last: Generation?
    /// Whether a watcher is open, as far as is known.
    var isConnected = false
    /// What the watcher is opened for.
    var access = Access.readWrite
    var isAcknowledged = true
    /// Whether there is a page that the next one is put behind.
    var isMapped = false
    /// Whether there is a change to tell of whatever the generation is.
    var owesChange = false
    var call = Call.open
    var step = Step.end(.nothing)

    init(_ options: FollowedDevice.Options) {
        self.options = options
    }

    /// The next step. An event that does not belong to the last one changes nothing.
    mutating func after(_ event: Event) -> Step {
        step = next(event)
        return step
    }

    private mutating func next(_ event: Event) -> Step {
        switch (step, event) {
        case (.end, .called(let call)), (.fail, .called(let call)): return begin(call)
        case (.leaveParent, .done):
            owesChange = true
            return .clear
        case (.clear, .done): return isConnected && !owesChange ? .ask : reopen()
        case (.ask, .found(.upToDate)): return .end(.nothing)
        case (.ask, .found(.gone)): return reopen()
        case (.ask, .found(.outdated)): return access == .readOnly ? .prepare : .read
        case (.prepare, .done): return .read
        case (.read, .read(let generation)): return look(at: generation)
        case (.acknowledge, .done), (.replace, .done): return settled()
        case (.open(let access), .done):
            self.access = access
            return .map(access == .readWrite ? .watcher : .descriptorOfItsOwn)
        case (.map, .done):
            isMapped = true
            return .compare
        case (.compare, .compared(_, .outdated)): return reopen()
        case (.compare, .compared(let shown, _)): return .adopt(shown: shown)
        case (.adopt(let shown), .done): return connected(to: shown)
        case (.prove(let generation), .done): return tell(generation)
        case (.disconnect(.fail(let failure)), .done): return .fail(failure)
        case (.disconnect, .done): return .end(.nothing)
        case (_, .failed(let failure)): return failed(failure)
        default: return step
        }
    }
}
