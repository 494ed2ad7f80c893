import StateModel
import TestSupport
import Testing

@testable import SysGenIDCore

/// Random events of several devices, against a model that looks everything up in plain arrays.
struct ContainerSequenceTests {
    @Test("the devices of containers are as the model has them", arguments: 0..<100 as Range<UInt64>)
    func sequence(seed: UInt64) throws {
        var run = Run(random: SeededGenerator(seed: seed))
        for number in 0..<1_000 {
            let complaint = run.step()
            try #require(complaint == nil, "seed \(seed), event \(number)")
        }
    }

    /// What is to come of an event.
    private struct Outcome: Equatable {
        var answer: Answer?
        var published: [DeviceID: Generation] = [:]
        var completions: [RequestID: Answer] = [:]
        var notified: Set<WatcherID> = []
    }

    private struct File {
        var id: WatcherID
        var device: DeviceID
        var seen: Generation
        var isTracked = false
        var sleeps = false
    }

    /// A page in the layout of a vmclock that somebody has open.
    private struct Clock {
        var id: WatcherID
        var device: DeviceID
        var seen = ClockSequence.none
        var sleeps = false
    }

    private struct Call {
        var request: RequestID
        var file: WatcherID
        var device: DeviceID
        /// nil for a read.
        var scope: WatcherScope?
    }

    private struct Run {
        var random: SeededGenerator
        var registry = GenerationRegistry(continuing: Record(generation: 0xffff_fffe))
        var generations: [DeviceID: Generation] = [.system: 0xffff_fffe]
        var files: [File] = []
        /// By the devices that have one.
        var sequences: [DeviceID: UInt32] = [.system: ClockSequence.first]
        var clocks: [Clock] = []
        var calls: [Call] = []
        var requests: UInt64 = 0
        var devices: UInt64 = 1

        mutating func step() -> String? {
            let event = Int.random(in: 0..<110, using: &random)
            let (step, expected) = perform(event)
            if let step {
                var outcome = Outcome(
                    answer: step.answer, published: step.publishedContainers, completions: step.completions,
                    notified: step.notifiedPolls)
                if case .change(let record) = step.commit { outcome.published[.system] = record.generation }
                if outcome != expected { return "event \(event): \(outcome), expected \(expected)" }
            }
            for (device, generation) in generations {
                if registry.generation(of: device) != generation { return "event \(event): \(device)" }
                if registry.clockSequence(of: device) != sequences[device] {
                    return "event \(event): \(device)'s clock"
                }
                var census = Census()
                let those = files.filter { device == .system || $0.device == device }
                (census.watchers, census.tracked) = (those.count, those.count(where: \.isTracked))
                census.outdated = those.count(where: isOutdated)
                census.trackedOutdated = those.count { $0.isTracked && isOutdated($0) }
                if registry.census(of: device) != census { return "event \(event): \(device), expected \(census)" }
            }
            for clock in clocks where registry.isUpToDate(clock.id) != (clock.seen == sequences[clock.device]) {
                return "event \(event): \(clock)"
            }
            if registry.outdatedOpeners(limit: .max).count != files.count(where: isOutdated) {
                return "event \(event): who is outdated"
            }
            if registry.containers.count != generations.count - 1 { return "event \(event): another device" }
            return registry.parkedCount == calls.count ? nil : "event \(event): \(registry.parkedCount) parked"
        }

        private func isOutdated(_ file: File) -> Bool { file.seen != generations[file.device] }

        private mutating func perform(_ event: Int) -> (Step?, Outcome) {
            let device = generations.keys.sorted { $0.rawValue < $1.rawValue }.randomElement(using: &random)!
            if event < 4 || files.isEmpty {
                devices += 1
                let new: Generation = [0, 3, .last].randomElement(using: &random)!
                registry.added(DeviceID(rawValue: devices), at: new)
                generations[DeviceID(rawValue: devices)] = new
                sequences[DeviceID(rawValue: devices)] = ClockSequence.first
            }
            if event < 16 || files.isEmpty {
                if let id = try? registry.opened(by: .anyone, device) {
                    files.append(File(id: id, device: device, seen: generations[device]!))
                }
                return (nil, Outcome())
            }
            if event < 18, device != .system {
                let isOpen = files.contains { $0.device == device } || clocks.contains { $0.device == device }
                if !isOpen { (generations[device], sequences[device]) = (nil, nil) }
                if registry.released(device) == isOpen { generations[device] = nil }
                return (nil, Outcome())
            }
            let place = files.indices.randomElement(using: &random)!
            let file = files[place]
            switch event {
            case ..<26:
                files.remove(at: place)
                let ended = wake({ $0.file == file.id }, { _ in .refused(.noSuchWatcher) })
                let completions = ended.merging(settle()) { $1 }
                return (registry.closed(file.id), Outcome(answer: .done, completions: completions))
            case ..<45: return read(file)
            case ..<65:
                files[place].seen = generations[file.device]!
                let step = registry.wrote(file.id, generations[file.device])
                return (step, Outcome(answer: .done, completions: settle()))
            case ..<72:
                files[place].isTracked.toggle()
                let step = registry.trackingChanged(file.id, to: files[place].isTracked)
                return (step, Outcome(answer: .done, completions: settle()))
            case ..<78:
                files[place].sleeps = true
                _ = registry.polled(file.id, mayBeNotified: true)
                return (nil, Outcome())
            case ..<90: return wait(file)
            case ..<97: return trigger(file)
            case ..<100:
                takeOver()
                return (nil, Outcome())
            default: return performOnClock(event, device)
            }
        }

        private mutating func performOnClock(_ event: Int, _ device: DeviceID) -> (Step?, Outcome) {
            guard event >= 103, let place = clocks.indices.randomElement(using: &random) else {
                if let id = try? registry.opened(by: .anyone, device, asClock: true) {
                    clocks.append(Clock(id: id, device: device))
                }
                return (nil, Outcome())
            }
            let clock = clocks[place]
            switch event {
            case ..<106:
                clocks[place].seen = sequences[clock.device]!
                registry.readClock(clock.id, as: clocks[place].seen)
                return (nil, Outcome())
            case ..<108:
                clocks[place].sleeps = true
                _ = registry.polled(clock.id, mayBeNotified: true)
                return (nil, Outcome())
            default:
                clocks.remove(at: place)
                return (registry.closed(clock.id), Outcome(answer: .done))
            }
        }

        private mutating func request() -> RequestID {
            requests += 1
            return RequestID(rawValue: requests)
        }

        private mutating func read(_ file: File) -> (Step, Outcome) {
            let request = request()
            let step = registry.read(file.id, count: 4, parkingAs: request)
            if isOutdated(file) { return (step, Outcome(answer: .generation(generations[file.device]!))) }
            calls.append(Call(request: request, file: file.id, device: file.device, scope: nil))
            return (step, Outcome(answer: .parked))
        }

        private mutating func wait(_ file: File) -> (Step, Outcome) {
            let (request, scope) = (request(), [WatcherScope.tracked, .everyOpenFile].randomElement(using: &random)!)
            let step = registry.waited(file.id, for: scope, until: nil, parkingAs: request)
            if isOutdated(file) { return (step, Outcome(answer: .refused(.callerOutdated))) }
            if isSettled(scope, file.device) { return (step, Outcome(answer: .done)) }
            calls.append(Call(request: request, file: file.id, device: file.device, scope: scope))
            return (step, Outcome(answer: .parked))
        }

        private func isSettled(_ scope: WatcherScope, _ device: DeviceID) -> Bool {
            !files.contains {
                (device == .system || $0.device == device) && isOutdated($0)
                    && ($0.isTracked || scope == .everyOpenFile)
            }
        }

        private mutating func trigger(_ file: File) -> (Step, Outcome) {
            let minimum: UInt32 = [0, 0, 5, .max].randomElement(using: &random)!
            let step = registry.trigger(minimum: minimum, by: file.id)
            var outcome = Outcome(answer: .done)
            let changed = file.device == .system ? Array(generations.keys) : [file.device]
            for device in changed {
                let isAsked = device == file.device
                generations[device] = generations[device]!.next(atLeast: isAsked ? minimum : 0)
                outcome.published[device] = generations[device]!
                sequences[device]! += 2
            }
            for place in clocks.indices where changed.contains(clocks[place].device) && clocks[place].sleeps {
                clocks[place].sleeps = false
                outcome.notified.insert(clocks[place].id)
            }
            for place in files.indices where changed.contains(files[place].device) && files[place].sleeps {
                guard isOutdated(files[place]) else { continue }
                files[place].sleeps = false
                outcome.notified.insert(files[place].id)
            }
            let generations = generations
            outcome.completions = wake({ changed.contains($0.device) }) { call in
                call.scope == nil ? .generation(generations[call.device]!) : .refused(.callerOutdated)
            }
            outcome.completions.merge(settle()) { $1 }
            return (step, outcome)
        }

        private mutating func settle() -> [RequestID: Answer] {
            let settled = calls.filter { call in call.scope.map { isSettled($0, call.device) } ?? false }
            let requests = Set(settled.map(\.request))
            return wake({ requests.contains($0.request) }) { _ in .done }
        }

        private mutating func wake(_ isWoken: (Call) -> Bool, _ answer: (Call) -> Answer) -> [RequestID: Answer] {
            let woken = calls.filter(isWoken)
            calls.removeAll(where: isWoken)
            return Dictionary(uniqueKeysWithValues: woken.map { ($0.request, answer($0)) })
        }

        private mutating func takeOver() {
            var containers = generations
            containers[.system] = nil
            registry = GenerationRegistry(
                continuing: registry.record, limits: registry.limits, watchers: registry.handedSlots,
                containers: containers, clocks: sequences)
            for call in calls {
                _ =
                    call.scope.map { registry.waited(call.file, for: $0, until: nil, parkingAs: call.request) }
                    ?? registry.read(call.file, count: 4, parkingAs: call.request)
            }
        }
    }
}
