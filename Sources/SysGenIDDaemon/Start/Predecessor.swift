internal import SysGenIDFrontends
internal import SysGenIDSystem

/// What a predecessor serves over connections that were kept: it can be looked at and ended.
struct Predecessor {
    /// What it has left; nil where that is not known.
    let inheritance: Inheritance?
    /// Where it serves the device.
    let device: String
    /// Where it serves the directory of devices.
    let devices: String
    /// Whether this daemon serves the device at another path, so that it is not in its way what others serve there.
    let isElsewhere: Bool
    let namespace: MountNamespace

    /// Keeps the counter file alive while its mount is taken away; nil where there is none.
    func holdFile() -> OwnedDescriptor? { CounterFile.hold(at: device, in: namespace) }

    /// Whether clients can go on to reach what is served over the connection. A mount that is missing is made again.
    func isServed(_ kind: FrontendKind, over connection: CInt) throws(SystemCallFailure) -> Bool {
        switch kind {
        case .characterDevice: CharacterDevice.isReachable(at: device)
        case .counterFile:
            try CounterFile.ensureMount(of: connection, leftBy: inheritance, at: device, in: namespace)
        case .deviceDirectory:
            try DeviceDirectory.ensureMount(of: connection, leftBy: inheritance, at: devices, in: namespace)
        }
    }

    /// Ends what is served, which the service manager may hold a moment longer.
    func end(_ kind: FrontendKind, over connection: consuming OwnedDescriptor?) throws {
        if kind == .characterDevice {
            _ = consume connection
            for _ in 0..<500 where CharacterDevice.isRegistered(at: device) { MonotonicClock.sleep(milliseconds: 10) }
            return
        }
        let path = kind == .deviceDirectory ? devices : device
        // Only what is this connection's, and no other daemon's.
        if let connection, try isServed(kind, over: connection.rawValue) { CounterFile.abandon(path, in: namespace) }
        if kind == .deviceDirectory || isElsewhere {
            _ = StaleMounts.clearFormer(path, in: namespace)
        } else {
            _ = try StaleMounts.clear(path, in: namespace)
        }
    }
}
