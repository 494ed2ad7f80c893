internal import Synchronization
public import SysGenIDCore
import SysGenIDFuse
public import SysGenIDSystem

/// The one owner of the registry and of the counter page; all frontends serve from it.
///
/// An event is a step of the registry. Under the lock that decides, and a new generation is stored in the page and in the
/// journal, so that two changes can never be stored in the wrong order. After the lock it is published to those who do not
/// map the page itself, and only then requests are answered and sleepers are woken.
public final class GenerationService: Sendable {
    /// What clients map.
    public let page: CounterPage
    /// Armed for the next moment at which a wait's time is over; then `deadlinePassed` is due.
    public let deadlineTimer: Timer
    /// Readable shortly after a change, when those who waited for it are awake.
    public let changeSignal: DelayedSignal
    /// Readable a while after anything has changed that is published.
    public let censusSignal: DelayedSignal
    /// Whether a program may have mapped the page for writing.
    let wasOpenedForWriting: Atomic<Bool>

    let guarded: Lock<Guarded>
    let nextRequest = Atomic<UInt64>(1)
    let journal: any Journal
    let reseeder: Reseeder
    /// What outlives the daemon; nil where nobody would keep it.
    let handover: HandoverMemory?
    let report: @Sendable (ServiceEvent) -> Void

    struct Guarded: Sendable {
        var registry: GenerationRegistry
        var parked: [RequestID: PendingReply] = [:]
        var pollHandles: [WatcherID: PollHandle] = [:]
        /// Those from which frontends serve.
        var caches: [KernelCache] = []
        /// nil where no containers have devices.
        var containers: ContainerDevices?
        /// What the kernel still has of devices that are no more.
        var releasedBackings: [BackingID] = []
        /// What could not be written to the journal.
        var unrecorded: Record?
        /// What was read of the hypervisor's vmclock last.
        var hostClock: HostClock?
        /// What the pages in the layout of a vmclock show with the change that is being made; nil where it stays the same.
        var newFields: VMClockFields?
        /// Nil where the device is the service's own.
        var driver: Driver?
        var inherited = Inherited()
    }

    /// - Parameters:
    ///   - record: what the predecessor left.
    ///   - page: what clients are to map; nil is the page that was handed over, or a new one.
    ///   - mayPageBeWritten: whether the page was there before, so that a program may have mapped it for writing.
    ///   - forged: the generations that were forged under a predecessor.
    ///   - handover: what a predecessor handed over, and where it is kept for a successor.
    ///   - containers: the devices of containers; nil where there are none.
    ///   - reseeder: reseeds the kernel's random pool before a resume is published.
    ///   - report: takes the events; it is called from any thread, without the lock.
    public init(
        continuing record: Record, limits: Limits, journal: any Journal, page: CounterPage? = nil,
        mayPageBeWritten: Bool = false, forged: ForgedGenerations = ForgedGenerations(), handover: Handover? = nil,
        containers: ContainerDevices? = nil,
        reseeder: Reseeder = Reseeder(nil), report: @escaping @Sendable (ServiceEvent) -> Void
    ) throws(SystemCallFailure) {
        if let page = page ?? handover?.page {
            self.page = page
        } else {
            self.page = try CounterPage(generation: record.generation.rawValue)
        }
        deadlineTimer = try Timer()
        changeSignal = try DelayedSignal(delay: 500_000)
        censusSignal = try DelayedSignal(delay: 90_000_000)
        wasOpenedForWriting = Atomic(mayPageBeWritten || handover?.inheritance != nil)
        self.handover = handover?.memory
        let slots = handover?.inheritance?.slots ?? []
        let registry = GenerationRegistry(
            continuing: record, limits: limits, watchers: slots, containers: containers?.generations ?? [:],
            clocks: containers?.clockSequences ?? [:], forged: forged)
        guarded = Lock(
            Guarded(
                registry: registry, containers: containers,
                inherited: Inherited(handover?.inheritance, in: registry)))
        self.journal = journal
        self.reseeder = reseeder
        self.report = report
    }
}
