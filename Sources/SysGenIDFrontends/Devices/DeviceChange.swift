public import SysGenIDCore

/// A device has a new generation.
public struct DeviceChange: Hashable, Sendable {
    public var device: DeviceID
    public var generation: Generation

    public init(device: DeviceID, generation: Generation) {
        self.device = device
        self.generation = generation
    }
}
