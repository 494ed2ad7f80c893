internal import SysGenIDFrontends
internal import SysGenIDSystem

/// Chooses the frontends and starts them.
struct FrontendSelection {
    /// What was started, in that order.
    var frontends: [any Frontend] = []
    /// The directory with the devices of containers; nil where it is not served.
    private(set) var directory: DeviceDirectory?
    /// The page in the layout of a vmclock at a path of its own; nil where it is at none.
    private(set) var clock: ClockMount?
    /// What was left out, with the reasons.
    var remarks: [String] = []

    /// Starts what the configuration asks for. The character device is first: the counter file is mounted
    /// over its node, so that one path has every operation.
    init(
        serving service: GenerationService, at places: Places, continuing takeover: Takeover
    ) throws(FrontendFailure) {
        let (choice, time) = (places.configuration.frontend, WallClock.now())
        let isLenient = choice == .auto
        do throws(FrontendFailure) {
            if choice != .fuse {
                let abandon = { takeover.abandon(.characterDevice, of: service) }
                try add(isLenient, otherwise: abandon) { () throws(FrontendFailure) in
                    try CharacterDevice(
                        service: service, path: places.device, access: places.access,
                        continuing: takeover.inheritance(of: .characterDevice),
                        over: takeover.takeConnection(of: .characterDevice))
                }
            }
            if choice != .cuse {
                let abandon = { takeover.abandon(.counterFile, of: service) }
                try add(isLenient, otherwise: abandon) { () throws(FrontendFailure) in
                    try CounterFile(
                        service: service, path: places.device, in: places.namespace, access: places.access, time: time,
                        continuing: takeover.inheritance(of: .counterFile),
                        over: takeover.takeConnection(of: .counterFile))
                }
            }
            guard !frontends.isEmpty else {
                throw FrontendFailure("nothing can be served: \(remarks.joined(separator: "; "))")
            }
        } catch {
            stop()
            throw error
        }
    }

    /// Serves the directory of devices as well. That it cannot be served is no reason not to serve the device.
    mutating func addDirectory(of service: GenerationService, at places: Places, continuing takeover: Takeover) {
        let (path, namespace, time) = (places.devices, places.namespace, WallClock.now())
        do throws(FrontendFailure) {
            if takeover.inheritance(of: .deviceDirectory) == nil { _ = try StaleMounts.clear(path, in: namespace) }
            let made = try DeviceDirectory(
                service: service, path: path, in: namespace, access: places.access, time: time,
                continuing: takeover.inheritance(of: .deviceDirectory),
                over: takeover.takeConnection(of: .deviceDirectory))
            try made.start()
            directory = made
        } catch {
            takeover.abandon(.deviceDirectory, of: service)
            remarks.append("containers have no devices of their own, which take FUSE: \(error)")
        }
    }

    /// Shows the page in the layout of a vmclock at a path of its own as well. That it cannot be is no reason not to serve.
    ///
    /// - Parameter directory: where the directory of devices is mounted.
    mutating func add(_ mount: ClockMount, from directory: String) {
        do throws(FrontendFailure) {
            guard self.directory != nil else {
                throw FrontendFailure("there is no page of a vmclock without the devices of containers")
            }
            try mount.start(from: directory)
            clock = mount
        } catch {
            remarks.append(error.description)
        }
    }

    /// Drives the device that is there, and serves none.
    init(driving device: KernelDevice) throws(FrontendFailure) {
        remarks = device.remarks
        try device.start()
        frontends = [device]
    }

    /// Stops the frontends, the last one first, and lets them go together: one may still wake a client of
    /// another.
    mutating func stop() {
        clock?.stop()
        directory?.stop()
        frontends.reversed().forEach { $0.stop() }
        (clock, directory, frontends) = (nil, nil, [])
    }

    /// Whether the path leads to what was started. Each frontend covers the one before it.
    var isReachable: Bool { frontends.last?.isReachable ?? false }

    /// See `Frontend.placeDescriptor`.
    var placeDescriptor: CInt? { frontends.last?.placeDescriptor }

    /// Those with something that a successor can continue with.
    var serving: [any ServingFrontend] {
        frontends.compactMap { $0.serving } + [directory].compactMap(\.self)
    }

    /// The threads that answer clients.
    var threads: [Thread] { (frontends + [directory].compactMap(\.self)).flatMap(\.threads) }

    /// Whether programs can map the generation by any of the frontends.
    var isMappable: Bool { frontends.contains { $0.mapping != .none } }

    private mutating func add(
        _ isLenient: Bool, otherwise abandon: () -> Void, _ make: () throws(FrontendFailure) -> any Frontend
    ) throws(FrontendFailure) {
        do throws(FrontendFailure) {
            let frontend = try make()
            try frontend.start()
            frontends.append(frontend)
        } catch {
            guard isLenient else { throw error }
            remarks.append(error.description)
            abandon()
        }
    }
}
