import SysGenIDCore
import SysGenIDSystem

/// Triggers a device at each change of the service's own, and tells the service where somebody else triggers it.
///
/// A change is recorded before the device is triggered, so that a successor makes it where this daemon does not come to
/// it. What cannot be triggered is tried again.
final class DeviceDriver: Sendable {
    let device: DrivenDevice
    private let service: GenerationService
    private let stopSignal: EventSignal
    private let retrySignal: EventSignal
    /// What the device is to be brought to, and could not be yet. With the lock it is triggered and read, so that nothing
    /// that is read is older than what the service knows.
    private let owed = Lock<Generation?>(nil)

    /// How soon it is tried again to trigger the device, in nanoseconds.
    private static let retryInterval: UInt64 = 500_000_000

    init(_ device: consuming DrivenDevice, for service: GenerationService) throws(SystemCallFailure) {
        self.device = device
        self.service = service
        stopSignal = try EventSignal()
        retrySignal = try EventSignal()
    }

    func stop() {
        stopSignal.raise()
    }

    /// Follows the device until it is stopped, or the device is gone.
    func follow() {
        let (stop, retry, news) = (0, 1, 2)
        var wakers = PollSet([stopSignal.descriptor.rawValue, retrySignal.descriptor.rawValue, device.descriptor])
        var nextAttempt: UInt64?
        while true {
            let isOwed = owed.withLock { $0 != nil }
            nextAttempt = isOwed ? nextAttempt ?? MonotonicClock.now() + Self.retryInterval : nil
            _ = wakers.wait(until: nextAttempt)
            if wakers.isReady(stop) { return }
            if wakers.isReady(retry) { retrySignal.clear() }
            if wakers.isReady(news), !takeNews() { return }
            if let moment = nextAttempt, MonotonicClock.now() >= moment {
                tryAgain()
                nextAttempt = nil
            }
        }
    }

    /// Takes what somebody else has triggered; false where the device is gone.
    private func takeNews() -> Bool {
        owed.withLock { _ in
            do throws(SystemCallFailure) {
                if let generation = try device.take() { service.followed(generation) }
                return true
            } catch {
                return false
            }
        }
    }

    /// Triggers the device, and tells the service what it has then.
    func drive(atLeast minimum: Generation) {
        owed.withLock { drive(atLeast: minimum, &$0) }
    }

    private func tryAgain() {
        owed.withLock { owed in
            if let minimum = owed { drive(atLeast: minimum, &owed) }
        }
    }

    private func drive(atLeast minimum: Generation, _ owed: inout Generation?) {
        do throws(SystemCallFailure) {
            try device.trigger(atLeast: minimum)
        } catch {
            if owed == nil { service.report(.triggerFailed(error)) }
            owed = minimum
            return retrySignal.raise()
        }
        if owed != nil { service.report(.triggerWorksAgain) }
        owed = nil
        service.driven(to: (try? device.take()) ?? minimum)
    }
}
