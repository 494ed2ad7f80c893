internal import SysGenIDFrontends
internal import SysGenIDSystem

// What the main thread does while clients are served.

extension RunningDaemon {
    /// Why the daemon serves no longer.
    enum Ending {
        /// A signal asks for it.
        case asked(ProcessSignals.Wish)
        /// The kernel has ended a frontend's connection.
        case connectionEnded
        /// The requests of clients can be served no longer.
        case failed
        /// The path leads elsewhere. Mounting is not among what a serving daemon may do, so a successor has to.
        case placeLost
    }

    /// What clients need not wait for.
    func completeStart() {
        _ = publisher.publish(backendThread.current)
        logger.notice("\(summary)")
        backendThread.completeStart()
    }

    /// Does what is due besides the requests of clients, until there is reason to end.
    func serve(until signals: borrowing ProcessSignals, reportingTo report: inout ServiceReport) -> Ending {
        let ends = selection.frontends.compactMap(\.endDescriptor)
        let (signal, deadline, census, change, place, directory, gone) = (0, 1, 2, 3, 4, 5, 6..<6 + ends.count)
        var wakers = PollSet(
            [
                signals.descriptor.rawValue, service.deadlineTimer.descriptor.rawValue, service.censusSignal.descriptor,
                service.changeSignal.descriptor, selection.placeDescriptor, selection.directory?.endDescriptor,
            ] + ends)
        wakers.awaitExceptions(place)
        let threads = selection.threads
        var lastTick = MonotonicClock.now()
        var facts = facts
        while true {
            _ = wakers.wait(until: lastTick + tickInterval)
            if wakers.isReady(signal) {
                switch signals.take() {
                case .lookAgain?: lookAgain(&report)
                case let wish?: return .asked(wish)
                case nil: break
                }
            }
            if gone.contains(where: wakers.isReady) {
                guard let failure = selection.frontends.lazy.compactMap(\.failure).first else {
                    logger.error("\(devicePath) was taken away: was it unmounted? Start sysgenidd again")
                    return .connectionEnded
                }
                logger.error("\(devicePath) can be served no longer (\(failure)): sysgenidd has to be started again")
                return .failed
            }
            if wakers.isReady(directory) {
                wakers[directory] = nil
                if let failure = selection.directory?.failure {
                    logger.error("the devices of containers can be served no longer (\(failure))")
                    return .failed
                }
                logger.error("the directory of devices was taken away: start sysgenidd again to serve containers")
            }
            if wakers.isReady(place), hasLostItsPlace() { return .placeLost }
            if wakers.isReady(deadline) { service.deadlinePassed() }
            if wakers.isReady(change) {
                service.changeSignal.clear()
                publisher.publishGeneration(backendThread.current)
                events.tellChanges()
                // One change is published and told at once, and those that follow it closely together: else each of a
                // thousand in a row would cost a file.
                wakers[change] = nil
            }
            let now = MonotonicClock.now()
            let isTick = now >= lastTick + tickInterval
            guard isTick || wakers.isReady(census) else { continue }
            if wakers.isReady(census) { service.censusSignal.clear() }
            if wakers[change] == nil {
                service.changeSignal.clear()
                wakers[change] = service.changeSignal.descriptor
            }
            events.tellChanges()
            if publisher.publish(backendThread.current) { facts = self.facts }
            if isTick {
                lastTick = now
                if wakers[place] == nil, hasLostItsPlace() { return .placeLost }
                service.checkPage()
                service.recordAgain()
                report.tick(facts, serving: threads, backend: backendThread.running)
            }
        }
    }

    /// The page may be looked at, the attributes written and the backend asked at any time: there is no
    /// configuration that could be read again.
    private func lookAgain(_ report: inout ServiceReport) {
        report.reloading()
        logger.notice("looking again at what shows a resume")
        backendThread.lookAgain()
        report.ready(facts)
    }

    /// Whether the path of the device leads elsewhere.
    private func hasLostItsPlace() -> Bool {
        guard !selection.isReachable else { return false }
        logger.error(
            "\(devicePath) was taken away or covered, see 'findmnt \(devicePath)': sysgenidd has to be started again")
        return true
    }

    /// How often the page is looked at, in nanoseconds. Within 100 ms a page that was written to must be right again; but
    /// while nobody has opened the device for writing, and none can have done so before, root alone could write to it.
    private var tickInterval: UInt64 { service.mayPageBeWritten ? 90_000_000 : 500_000_000 }
}
