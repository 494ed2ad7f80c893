internal import SysGenIDBackends
internal import SysGenIDFrontends
internal import SysGenIDFuse
internal import SysGenIDSystem

/// Looks what this machine offers and what would be chosen, without serving anything.
struct Survey {
    let configuration: Configuration

    init(_ configuration: Configuration) {
        self.configuration = configuration
    }

    /// Prints the report: as text, or as one object of JSON on one line.
    ///
    /// - Returns: the exit code: 0 where something can be served.
    func printReport(asJSON: Bool) -> Int32 {
        let report = report
        StandardStream.output.write((asJSON ? report.json.text : report.text) + "\n")
        return report.canServe ? 0 : 1
    }

    var report: SurveyReport {
        var release: KernelRelease?
        var kernelWords: String
        do throws(SystemCallFailure) {
            let found = try KernelRelease.current(systemRoot: configuration.systemRoot)
            (release, kernelWords) = (found, found.description)
        } catch {
            kernelWords = "unknown (\(error))"
        }
        let cuse = Self.frontend("cuse", Library.refusal(ofFile: false))
        let fuse = Self.frontend("fuse", Library.refusal(ofFile: true))
        let (device, choice) = place
        let frontends = [cuse, fuse, kernelDevice]
        let catalogue = BackendCatalogue(configuration)
        return SurveyReport(
            kernel: release?.description, kernelWords: kernelWords,
            device: device, frontends: frontends, mapping: mapping(release, choice, fuse: fuse, cuse: cuse),
            containers: containers(choice, fuse: fuse),
            requests: fuse.isUsable ? limitOfRequests : nil, entropy: entropy,
            backends: catalogue.survey().map(SurveyReport.Finding.init),
            choice: chosen(by: choice, from: catalogue, frontends.filter(\.isUsable).map(\.name)))
    }

    /// What is to be known of the time that requests may take; nil where they may take any.
    private var limitOfRequests: SurveyReport.RequestLimit? {
        let timeouts = RequestTimeouts.current(systemRoot: Files.prefix(ofRoot: configuration.systemRoot))
        return timeouts.seconds(asking: .max).map { seconds in
            let longestWait = RequestTimeouts.longestWait(under: seconds)
            return SurveyReport.RequestLimit(
                limit: seconds, longestWait: longestWait,
                words: RequestTimeouts.remark(seconds: seconds, longestWait: longestWait))
        }
    }

    /// Where the kernel would get fresh bytes from at a resume: they are asked for, and thrown away.
    private var entropy: SurveyReport.Finding {
        let source = HostEntropy(configuration)
        do {
            let reader = try HostEntropyReader(source)
            defer { reader.stop() }
            _ = try reader.bytes(within: Reseeder.patience).get()
            return SurveyReport.Finding(
                name: source.path,
                words: "the host's, from \(source.path)" + (source.generator.map { " (\($0))" } ?? ""))
        } catch {
            return SurveyReport.Finding(
                name: source.path, reason: SurveyReason.noEntropy.rawValue,
                words: "none of the host's, give the machine a virtio-rng device: \(error)")
        }
    }

    /// Whether there is a device of somebody else that can be driven.
    private var kernelDevice: SurveyReport.Finding {
        var finding = SurveyReport.Finding(name: "kernel")
        do {
            let namespace = try MountNamespace(configuration.mountNamespace)
            let path = try configuration.devicePath(in: namespace)
            finding.words = try KernelDevice.phrase(at: path, in: namespace, systemRoot: configuration.systemRoot)
        } catch {
            finding.reason = SurveyReason.noKernelDevice.rawValue
            finding.words = "\(error)"
        }
        return finding
    }

    /// Whether the device can be at its path, and what the choice of the frontend comes to there.
    private var place: (device: SurveyReport.Finding, choice: FrontendChoice) {
        func refused(_ reason: SurveyReason, _ error: any Error) -> (SurveyReport.Finding, FrontendChoice) {
            let finding = SurveyReport.Finding(
                name: configuration.device, reason: reason.rawValue, words: "\(error)")
            return (finding, configuration.frontend)
        }
        let namespace: MountNamespace
        let path: String
        do throws(SystemCallFailure) {
            namespace = try MountNamespace(configuration.mountNamespace)
            path = try configuration.devicePath(in: namespace)
        } catch {
            return refused(.unreachable, error)
        }
        do throws(FrontendFailure) {
            let choice = try configuration.frontend.settled(
                at: path, in: namespace, systemRoot: configuration.systemRoot)
            return (SurveyReport.Finding(name: path), choice)
        } catch {
            return refused(.inTheWay, error)
        }
    }

    /// - Parameter refusal: what libfuse says.
    private static func frontend(_ name: String, _ refusal: SessionFailure?) -> SurveyReport.Finding {
        var finding = SurveyReport.Finding(name: name)
        let path = "/dev/\(name)"
        do throws(SystemCallFailure) {
            _ = try openFile(path, .readWrite)
            if let refusal {
                finding.reason = SurveyReason.libraryRefused.rawValue
                finding.words = "libfuse \(Library.version) cannot serve it: \(refusal)"
            }
        } catch {
            switch error.errno {
            case .noSuchFileOrDirectory, .operationNotSupportedByDevice:
                finding.reason = SurveyReason.noInterface.rawValue
                finding.words = "\(path) is missing, try 'modprobe \(name)'"
            case .notPermitted, .permissionDenied:
                finding.reason = SurveyReason.notPermitted.rawValue
                finding.words = "\(error)"
            default:
                finding.reason = SurveyReason.unreadable.rawValue
                finding.words = "\(error)"
            }
        }
        return finding
    }

    private func mapping(
        _ kernel: KernelRelease?, _ choice: FrontendChoice, fuse: SurveyReport.Finding, cuse: SurveyReport.Finding
    ) -> SurveyReport.Finding {
        guard choice.isServed else {
            return SurveyReport.Finding(name: "as-driven", words: "as the device that is driven has it")
        }
        guard fuse.isUsable else {
            return SurveyReport.Finding(
                name: "nothing", reason: SurveyReason.noFrontend.rawValue,
                words: cuse.isUsable
                    ? "the kernel's CUSE has none, try 'modprobe fuse'" : "there is no frontend")
        }
        // A release that cannot be read is taken for an old one.
        return kernel?.hasFusePassthrough ?? false
            ? SurveyReport.Finding(name: "every-descriptor", words: "native, through every descriptor")
            : SurveyReport.Finding(
                name: "read-only-descriptors",
                words: "through read-only descriptors: this kernel is older than 6.9, which has FUSE passthrough")
    }

    /// - Parameter usable: the names of the frontends that can be used.
    private func chosen(
        by choice: FrontendChoice, from catalogue: BackendCatalogue, _ usable: [String]
    ) -> SurveyReport.Choice {
        let served = usable.filter { $0 != FrontendChoice.kernel.rawValue }
        let frontends =
            switch choice {
            case .auto: served
            case .both: served.count == 2 ? served : []
            case .cuse, .fuse, .kernel: usable.filter { $0 == choice.rawValue }
            }
        do throws(BackendUnavailable) {
            let backend = try catalogue.choice(for: configuration).backend.name
            return SurveyReport.Choice(frontends: frontends, backend: backend)
        } catch {
            return SurveyReport.Choice(frontends: frontends, reason: error.reason.rawValue, words: error.description)
        }
    }
}

extension SurveyReport.Finding {
    fileprivate init(_ backend: (name: String, verdict: BackendCatalogue.Verdict)) {
        name = backend.name
        switch backend.verdict {
        case .usable(let remark): words = remark
        case .unusable(let reason, let description): (self.reason, words) = (reason.rawValue, description)
        }
    }
}
