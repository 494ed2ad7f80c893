internal import SysGenIDBackends
internal import SysGenIDFrontends
internal import SysGenIDFuse
internal import SysGenIDSystem

/// Says what this machine offers and what would be chosen, without serving anything.
struct Survey {
    private let configuration: Configuration

    init(_ configuration: Configuration) {
        self.configuration = configuration
    }

    /// Prints the report.
    ///
    /// - Returns: the exit code: 0 where something can be served.
    func printReport() -> Int32 {
        let kernel = kernelRelease
        let fuse = Self.answer("/dev/fuse", remedy: "modprobe fuse", Library.refusal(ofFile: true))
        let cuse = Self.answer("/dev/cuse", remedy: "modprobe cuse", Library.refusal(ofFile: false))
        var lines = [
            "kernel      \(kernel)",
            "frontends",
            "  cuse      \(cuse.text)",
            "  fuse      \(fuse.text)",
            "mmap        \(mapping(kernel, hasFuse: fuse.isUsable, hasCuse: cuse.isUsable))",
        ]
        if fuse.isUsable, let remark = limitOfRequests { lines.append("requests    \(remark)") }
        lines.append("entropy     \(hostEntropy)")
        lines.append("backends")
        let place = place
        lines.insert("device      \(place.text)", at: 1)
        let catalogue = BackendCatalogue(configuration)
        lines += catalogue.survey().map { "  \($0.name.padded(to: 12))\($0.verdict.text)" }
        let (canServe, frontends) = chosenFrontends(hasFuse: fuse.isUsable, hasCuse: cuse.isUsable)
        lines.append("chosen      frontend \(frontends), backend \(chosenBackend(from: catalogue))")
        lines.forEach { StandardStream.output.write($0 + "\n") }
        return canServe && place.isUsable ? 0 : 1
    }

    /// What is to be known of the time that requests may take; nil where they may take any.
    private var limitOfRequests: String? {
        let timeouts = RequestTimeouts.current(
            systemRoot: configuration.systemRoot == "/" ? "" : configuration.systemRoot)
        return timeouts.seconds(asking: .max).map {
            RequestTimeouts.remark(seconds: $0, longestWait: RequestTimeouts.longestWait(under: $0))
        }
    }

    /// Where the kernel would get fresh bytes from at a resume: they are asked for, and thrown away.
    private var hostEntropy: String {
        let source = HostEntropy(configuration)
        do {
            let reader = try HostEntropyReader(source)
            defer { reader.stop() }
            _ = try reader.bytes(until: MonotonicClock.now() + Reseeder.patience).get()
            return "the host's, from \(source.path)" + (source.generator.map { " (\($0))" } ?? "")
        } catch {
            return "none of the host's, give the machine a virtio-rng device: \(error)"
        }
    }

    /// Whether the device can be at its path.
    private var place: (isUsable: Bool, text: String) {
        do {
            let namespace = try MountNamespace(configuration.mountNamespace)
            let path = try configuration.devicePath(in: namespace)
            try DevicePlace.check(path, in: namespace)
            return (true, path)
        } catch {
            return (false, "no: \(error)")
        }
    }

    /// A release that cannot be read is taken for an old one.
    private var kernelRelease: KernelRelease {
        do throws(SystemCallFailure) {
            return try KernelRelease.current(systemRoot: configuration.systemRoot)
        } catch {
            return KernelRelease("unknown (\(error))")
        }
    }

    private static func answer(
        _ path: String, remedy: String, _ refusal: SessionFailure?
    ) -> (isUsable: Bool, text: String) {
        do throws(SystemCallFailure) {
            _ = try openFile(path, .readWrite)
            return refusal.map { (false, "no: libfuse \(Library.version) cannot serve it: \($0)") } ?? (true, "yes")
        } catch {
            let isMissing = error.errno == .noSuchFileOrDirectory || error.errno == .operationNotSupportedByDevice
            return (false, isMissing ? "no: \(path) is missing, try '\(remedy)'" : "no: \(error)")
        }
    }

    private func mapping(_ kernel: KernelRelease, hasFuse: Bool, hasCuse: Bool) -> String {
        guard hasFuse else {
            return hasCuse ? "no: the kernel's CUSE has none, try 'modprobe fuse'" : "no: there is no frontend"
        }
        return kernel.hasFusePassthrough
            ? "native, through every descriptor"
            : "through read-only descriptors: this kernel is older than 6.9, which has FUSE passthrough"
    }

    private func chosenFrontends(hasFuse: Bool, hasCuse: Bool) -> (canServe: Bool, String) {
        let cuse = hasCuse ? "cuse" : nil
        let fuse = hasFuse ? "fuse" : nil
        let available = [cuse, fuse].compactMap { $0 }
        switch configuration.frontend {
        case .auto: return (!available.isEmpty, available.isEmpty ? "none" : available.joined(separator: " and "))
        case .both: return (available.count == 2, available.count == 2 ? "cuse and fuse" : "none")
        case .cuse: return (hasCuse, cuse ?? "none")
        case .fuse: return (hasFuse, fuse ?? "none")
        }
    }

    private func chosenBackend(from catalogue: BackendCatalogue) -> String {
        do throws(BackendUnavailable) {
            return try catalogue.choice(for: configuration).backend.name
        } catch {
            return "none (\(error))"
        }
    }
}

extension BackendCatalogue.Verdict {
    fileprivate var text: String {
        switch self {
        case .usable(let remark): "yes: \(remark)"
        case .unusable(let reason): "no: \(reason)"
        }
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(1, width - count))
    }
}
