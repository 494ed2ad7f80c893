internal import Logging
internal import SysGenIDFrontends
internal import SysGenIDSystem

// The start of the frontends, and what there is to say of it.

extension FrontendSelection {
    /// Starts what is asked for: the device, or what drives it, and then what there is besides.
    ///
    /// - Throws: where the device cannot be reached at its path; nothing is served then.
    init(
        of service: GenerationService, driving driven: KernelDevice?, at places: Places,
        continuing takeover: Takeover, _ logger: Logger
    ) throws(FrontendFailure) {
        if let driven {
            try self.init(driving: driven)
        } else {
            if takeover.inheritance(of: .counterFile) == nil {
                logger.tell(cleared: try StaleMounts.clear(places.device, in: places.namespace), at: places.device)
            }
            try self.init(serving: service, at: places, continuing: takeover)
        }
        // Before the kernel can have anything of it in its cache.
        if places.vmclock != nil { service.raiseClock() }
        if places.configuration.servesContainers, driven == nil, service.hasContainers {
            addDirectory(of: service, at: places, continuing: takeover)
        } else if takeover.inheritance(of: .deviceDirectory) != nil {
            // Nobody serves what is open there: its connection ends here.
            _ = takeover.takeConnection(of: .deviceDirectory)
            takeover.abandon(.deviceDirectory, of: service)
        }
        if let path = places.vmclock {
            let mayCover = places.configuration.coversVMClock
            add(ClockMount(of: service, at: path, in: places.namespace, mayCover: mayCover), from: places.devices)
        }
        guard isReachable else {
            stop()
            throw FrontendFailure(
                "\(places.device) leads elsewhere, see 'findmnt \(places.device)': what has covered it?")
        }
    }

    /// Tells what is served besides the device, and what is not.
    func tell(of service: GenerationService, isDriving: Bool, at places: Places, _ logger: Logger) {
        remarks.forEach { remark in logger.notice("\(remark)") }
        if let obstacle = places.configuration.containerObstacle, obstacle.reason == .takesFuse {
            logger.notice("containers have no devices of their own: \(obstacle.words)")
        } else if let directory {
            logger.notice(
                """
                containers have their devices below \(places.devices)\(directory.mapping.remark), \
                \(service.containerCount) of at most \(places.configuration.maxContainers)
                """)
        }
        if let path = places.vmclock, clock != nil {
            logger.notice("programs find the generation in the layout of a vmclock at \(path)")
        }
        if !isDriving, !isMappable {
            logger.warning(
                """
                the device cannot be mapped: programs that map it will be slow or fail; \
                load the kernel's module with 'modprobe fuse', or preload libsysgenid-preload.so
                """)
        }
    }
}

extension Mapping {
    var remark: String {
        switch self {
        case .native: " (native mmap)"
        case .readOnlyDescriptors: " (mmap of read-only descriptors)"
        case .none: " (no mmap)"
        }
    }
}
