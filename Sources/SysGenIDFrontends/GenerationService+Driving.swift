import SysGenIDCore

// What the service has to do with a device that somebody else serves, and that it drives.

extension GenerationService {
    /// Triggers the device with the minimum, and tells by `driven(to:)` what it has then. Called without the lock,
    /// before the change is told, on the thread that the change comes from.
    typealias Driver = @Sendable (_ minimum: Generation) -> Void

    /// From now on each change of the service's own is a trigger of a device, which has this generation.
    func drives(deviceAt generation: Generation, by driver: @escaping Driver) {
        guarded.withLock { $0.driver = driver }
        handle { $0.drives(deviceAt: generation) }
    }

    /// The device has another generation, by a trigger of somebody else.
    func followed(_ generation: Generation) {
        handle(cause: .otherTrigger) { $0.followed(generation) }
    }

    /// The device was triggered, and has this generation since: one that is higher than was asked for where somebody
    /// else has triggered it just before.
    func driven(to generation: Generation) {
        handle(cause: .otherTrigger) { $0.driven(to: generation) }
    }
}
