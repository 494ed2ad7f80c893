import Logging
import SysGenID
import SysGenIDSystem

// What the state machine wants to be done.

extension RunningOverseer {
    func perform(_ actions: [Readiness.Action]) {
        for action in actions {
            switch action {
            case .record: keepRecord()
            case .learn(let generation): learning = (generation, 0, Self.firstInterval)
            case .list(let phase): take(.listed(phase, hooks(of: phase)))
            case .run(let hook, let phase, let generation, let cause): start(hook, phase, generation, cause)
            case .endHook: runner.end()
            case .awaitWatchers(let generation): watchers.wait(for: generation)
            case .awaitNobody: watchers.wait(for: nil)
            case .trigger(let minimum): trigger.trigger(minimum: minimum)
            case .answer(let call, let answer): give(answer, to: call)
            case .tell(let remark): logger.log(level: remark.level, "\(remark.text)")
            case .newState:
                manager?.notify("STATUS=\(statusText)", mayWait: false)
                tellStreams()
            }
        }
    }

    /// The state in one line, for the service manager.
    var statusText: String {
        let view = readiness.view
        let missing = view.waitingFor.isEmpty ? "" : ", waiting for \(view.waitingFor.joined(separator: ", "))"
        return "\(view.state.rawValue), generation \(view.generation)\(missing)"
    }

    /// Tells what a hook has printed.
    func tell(_ lines: [String]) {
        guard let running = readiness.running else { return }
        for line in lines { logger.info("\(running.phase.rawValue)/\(running.hook.name): \(line)") }
    }

    private func hooks(of phase: Phase) -> [Hook] {
        let listings = configuration.hooksDirectories.map { HookDirectory.listing(of: "\($0)/\(phase.rawValue)") }
        let plan = HookPlan(listings)
        for path in plan.passedOver { logger.debug("\(path) is passed over: it has no name of a hook") }
        return plan.hooks
    }

    private func start(_ hook: Hook, _ phase: Phase, _ generation: Generation, _ cause: Cause) {
        do throws(SystemCallFailure) {
            let child = try runner.start(hook, phase, generation, cause)
            if let process = ProcessMark(of: child.id) { take(.hookStarted(process)) }
        } catch {
            logger.error("hook \(phase.rawValue)/\(hook.name) cannot be started: \(error)")
            take(.hookEnded(status: nil))
        }
    }

    private func keepRecord() {
        guard let contents = readiness.record else { return }
        do throws(SystemCallFailure) {
            try record.write(contents)
            if isRecordFailing { logger.notice("the record can be kept again") }
            isRecordFailing = false
        } catch {
            if !isRecordFailing {
                logger.error("the record cannot be kept (\(error)): after a restart hooks may be run again")
            }
            isRecordFailing = true
        }
    }
}
