public import SysGenIDCore

/// A device has a new generation.
public struct DeviceChange: Hashable, Sendable {
    public var device: DeviceID
    public var generation: Generation
    /// What its page in the layout of a vmclock shows with it; nil where there is none.
    var clock: ClockReading?

    public init(device: DeviceID, generation: Generation) {
        self.device = device
        self.generation = generation
    }
}
