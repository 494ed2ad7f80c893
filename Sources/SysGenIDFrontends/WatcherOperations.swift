import SysGenIDCore
import SysGenIDFuse
import SysGenIDSystem

/// The operations of an open device, the same for every frontend: decode, and let the service decide.
// Sendable: nothing here can change; the service is Sendable.
class WatcherOperations: FileOperations, @unchecked Sendable {
    let service: GenerationService

    init(_ service: GenerationService) {
        self.service = service
    }

    /// The handshake was the last for which the session's thread needed more than to see who triggers. Whether it
    /// has given up the rest is seen from outside.
    override func connected(backing: BackingID?) {
        try? Capabilities.keepOnly(.seeingAnyProcess)
    }

    override func open(_ request: consuming Request, flags: AccessFlags) {
        do throws(Refusal) {
            let caller = request.caller
            let watcher = try service.opened(by: Opener(thread: caller.thread, userID: caller.userID))
            let isHeld = request.reply(opened: opening(of: watcher, flags: flags))
            if !isHeld { service.closed(watcher) }
        } catch {
            request.reply(errno: error.errno)
        }
    }

    /// How the open file is to be treated by the kernel.
    func opening(of watcher: WatcherID, flags: AccessFlags) -> Opening {
        Opening(handle: watcher.rawValue, mode: .direct)
    }

    override func read(
        _ request: consuming Request, of handle: UInt64, count: Int, offset: Int64, flags: AccessFlags
    ) {
        let mayPark = !flags.isNonBlocking
        service.serve(request, as: .read, mayPark: mayPark) { registry, id in
            registry.read(WatcherID(rawValue: handle), count: count, parkingAs: mayPark ? id : nil)
        }
    }

    override func write(_ request: consuming Request, of handle: UInt64, bytes: UnsafeRawBufferPointer) {
        let isWhole = bytes.count == MemoryLayout<UInt32>.size
        let generation = isWhole ? Generation(rawValue: bytes.loadUnaligned(as: UInt32.self)) : nil
        service.serve(request, as: .write, mayPark: false) { registry, _ in
            registry.wrote(WatcherID(rawValue: handle), generation)
        }
    }

    override func poll(_ request: consuming Request, of handle: UInt64, pollHandle: PollHandle?) {
        switch service.polled(WatcherID(rawValue: handle), pollHandle: pollHandle) {
        case true?: request.reply(events: .readable)
        case false?: request.reply(events: [])
        case nil: request.reply(events: .error)
        }
    }

    override func control(_ request: consuming Request, of handle: UInt64, command: UInt32, word: UInt) {
        let watcher = WatcherID(rawValue: handle)
        switch ControlRequest(command: command, word: word) {
        case .setTracking(let isTracked)?:
            service.serve(request, as: .control, mayPark: false) { registry, _ in
                registry.trackingChanged(watcher, to: isTracked)
            }
        case .waitForWatchers(let scope, let timeout)?:
            let deadline = timeout.map { Deadline($0, after: MonotonicClock.now()) }
            service.serve(request, as: .control, mayPark: true) { registry, id in
                registry.waited(watcher, for: scope, until: deadline, parkingAs: id)
            }
        case .countOutdated?:
            service.serve(request, as: .control, mayPark: false) { registry, _ in registry.countedOutdated() }
        case .trigger(let minimum)?:
            trigger(request, minimum)
        case nil:
            request.reply(errno: Refusal.unknownRequest.errno)
        }
    }

    private func trigger(_ request: consuming Request, _ minimum: UInt32) {
        let caller = request.caller
        let isPermitted = Privileges.mayTrigger(thread: caller.thread)
        if !isPermitted { service.triggerDenied(to: caller) }
        let cause = ServiceEvent.Cause.trigger(thread: caller.thread, userID: caller.userID)
        service.serve(request, as: .control, mayPark: false, cause: cause) { registry, _ in
            registry.triggered(minimum: minimum, isPermitted: isPermitted)
        }
    }

    override func release(_ request: consuming Request, of handle: UInt64) {
        service.closed(WatcherID(rawValue: handle))
        request.replyDone()
    }

    override func interrupted(_ token: UInt64) {
        service.interrupted(RequestID(rawValue: token))
    }
}
