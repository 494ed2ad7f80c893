// A device that somebody else serves, as a kernel that has one of its own: this registry has no watchers then, and each
// change of its own is a trigger of that device.

/// How far the device that a registry drives has come.
enum Drive: Sendable {
    /// It has had all changes of the registry's own.
    case settled
    /// It lacks the last one. What it has meanwhile is no news: it is below that, or comes before it.
    case owed
}

extension GenerationRegistry {
    /// From now on the registry drives a device, which has this generation.
    ///
    /// One below the registry's lacks a change that a predecessor has recorded, and then not made. One above was
    /// triggered by somebody else.
    public mutating func drives(deviceAt generation: Generation) -> Step {
        drive = .settled
        guard generation < current else { return followed(generation) }
        drive = .owed
        return Step(.done, [.drive(atLeast: current)])
    }

    /// The device has a generation that somebody else has triggered.
    public mutating func followed(_ generation: Generation) -> Step {
        guard drive == .settled, generation != current else { return Step(.done) }
        return change(to: generation)
    }

    /// The device was triggered as an effect has asked for, and has this generation since.
    public mutating func driven(to generation: Generation) -> Step {
        drive = .settled
        return followed(generation)
    }

    /// What a new generation of the registry's own brings: the device is to have it, too.
    mutating func ownChange(to next: Generation) -> Step {
        var step = change(to: next)
        guard drive != nil else { return step }
        drive = .owed
        step.effects.append(.drive(atLeast: next))
        return step
    }
}
