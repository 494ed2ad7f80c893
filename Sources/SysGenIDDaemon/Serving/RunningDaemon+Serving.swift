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
        let ticks = Ticks(from: MonotonicClock.now()) { [self] in tickInterval }
        var rota = Rota(duties(endingAt: signals.descriptor.rawValue), ticks)
        let threads = selection.threads
        var facts = facts
        while true {
            rota.wait()
            while let due = rota.next() {
                switch due.name {
                case .signals: if let ending = heed(signals.take(), &report) { return ending }
                case .connectionEnd: return connectionEnded()
                case .directoryEnd: if let ending = directoryEnded() { return ending }
                case .place: if hasLostItsPlace() { return .placeLost }
                case .deadline: service.deadlinePassed()
                case .change: publishChange()
                case .attributes: if publishAttributes(due, &rota) { facts = self.facts }
                case .page: service.checkPage()
                case .record: service.recordAgain()
                case .entropy: hostEntropy?.lookForDevice()
                case .report: report.tick(facts, serving: threads, backend: backendThread.running)
                }
            }
        }
    }

    /// What is to be done, in this order.
    private func duties(endingAt signals: CInt) -> [Duty] {
        let place = selection.placeDescriptor.map { Duty(.place, when: .exceptional($0)) }
        return [Duty(.signals, when: .readable(signals))]
            + selection.frontends.compactMap(\.endDescriptor).map { Duty(.connectionEnd, when: .readable($0)) }
            + [
                selection.directory?.endDescriptor.map {
                    Duty(.directoryEnd, when: .readable($0), thenRest: .forever)
                },
                place,
                Duty(.deadline, when: .readable(service.deadlineTimer.descriptor.rawValue)),
                // One change is published and told at once, and those that follow it closely together: else each of a
                // thousand in a row would cost a file.
                Duty(.change, when: .readable(service.changeSignal.descriptor), thenRest: .untilWoken),
                Duty(.attributes, when: .readable(service.censusSignal.descriptor), .tick),
                place == nil ? Duty(.place, when: .tick) : nil,
                Duty(.page, when: .tick), Duty(.record, when: .tick),
                hostEntropy.map { _ in Duty(.entropy, when: .tick) }, Duty(.report, when: .tick),
            ].compactMap(\.self)
    }

    private func heed(_ wish: ProcessSignals.Wish?, _ report: inout ServiceReport) -> Ending? {
        switch wish {
        case .lookAgain?:
            lookAgain(&report)
            return nil
        case let wish?: return .asked(wish)
        case nil: return nil
        }
    }

    private func connectionEnded() -> Ending {
        guard let failure = selection.frontends.lazy.compactMap(\.failure).first else {
            logger.error("\(devicePath) was taken away: was it unmounted? Start sysgenidd again")
            return .connectionEnded
        }
        logger.error("\(devicePath) can be served no longer (\(failure)): sysgenidd has to be started again")
        return .failed
    }

    private func directoryEnded() -> Ending? {
        guard let failure = selection.directory?.failure else {
            logger.error("the directory of devices was taken away: start sysgenidd again to serve containers")
            return nil
        }
        logger.error("the devices of containers can be served no longer (\(failure))")
        return .failed
    }

    private func publishChange() {
        service.changeSignal.clear()
        publisher.publishGeneration(backendThread.current)
        events.tellChanges()
    }

    /// - Returns: whether there was anything to publish.
    private func publishAttributes(_ due: Rota.Due, _ rota: inout Rota) -> Bool {
        if due.isCalled { service.censusSignal.clear() }
        if rota.wake(.change) { service.changeSignal.clear() }
        events.tellChanges()
        return publisher.publish(backendThread.current)
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
