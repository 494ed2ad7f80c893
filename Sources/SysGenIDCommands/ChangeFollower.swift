import SysGenID

/// Follows the changes of the generation, and acknowledges each after it was dealt with.
struct ChangeFollower: ~Copyable {
    private let access: SystemGenerationDevice.Access
    private var device: SystemGenerationDevice
    /// Takes over from a device that cannot be written to. It is opened before that one is read, so that
    /// whatever came too late to be read outdates it.
    private var successor: SystemGenerationDevice?
    private var last: Generation?

    /// Opens the device: for writing where that is permitted, so that an acknowledgement is a write; else a
    /// new watcher takes the place of one that is outdated.
    init(path: String) throws(DeviceFailure) {
        do {
            device = try SystemGenerationDevice(path: path, access: .readWrite, isBlocking: false)
            access = .readWrite
        } catch let error where error.reason == .notPermitted {
            device = try SystemGenerationDevice(path: path, isBlocking: false)
            access = .readOnly
        }
    }

    /// Waits for the next change, and returns the generation that it made.
    mutating func nextChange() throws(CommandFailure) -> Generation {
        while true {
            let state = try explaining { () throws(DeviceFailure) in try device.waitForChange() }
            switch state {
            case .gone: throw .gone(device.path)
            case .upToDate: continue
            case .outdated:
                if let generation = try explaining({ () throws(DeviceFailure) in try look() }) { return generation }
            }
        }
    }

    /// Acknowledges the generation; where it is no longer the current one, the next change is there already.
    mutating func acknowledge(_ generation: Generation) throws(DeviceFailure) {
        if let successor = successor.take() {
            device = successor
            return
        }
        do {
            try device.acknowledge(generation)
        } catch let error where error.reason == .notCurrent {
            return
        }
    }

    /// The generation that the outdated device has; nil where it turns out to be no news.
    private mutating func look() throws(DeviceFailure) -> Generation? {
        do {
            if access == .readOnly {
                successor = try SystemGenerationDevice(path: device.path, isBlocking: false)
            }
            let generation = try device.read()
            guard access == .readWrite || generation != last else {
                // This change came after the device was opened and before its predecessor was read.
                try acknowledge(generation)
                return nil
            }
            last = generation
            return generation
        } catch let error where error.reason == .interrupted || error.reason == .upToDate {
            return nil
        }
    }
}
