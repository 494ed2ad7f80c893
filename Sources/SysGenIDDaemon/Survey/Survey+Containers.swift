internal import SysGenIDFrontends
internal import SysGenIDSystem

extension Survey {
    /// Whether containers can have devices of their own, and where.
    ///
    /// - Parameter choice: what the choice of the frontend comes to.
    func containers(_ choice: FrontendChoice, fuse: SurveyReport.Finding) -> SurveyReport.Finding {
        var configuration = configuration
        configuration.frontend = choice
        var finding = SurveyReport.Finding(
            name: configuration.devicesDirectory ?? "\(configuration.runtimeDirectory)/devices")
        func refuse(_ reason: SurveyReason, _ words: String) -> SurveyReport.Finding {
            (finding.reason, finding.words) = (reason.rawValue, words)
            return finding
        }
        if let obstacle = configuration.containerObstacle { return refuse(obstacle.reason, obstacle.words) }
        guard fuse.isUsable else { return refuse(.takesFuse, "that takes FUSE: \(fuse.words ?? "it cannot be used")") }
        do throws(SystemCallFailure) {
            finding.name = try configuration.devicesPath(in: MountNamespace(configuration.mountNamespace))
        } catch {
            // The runtime directory is made at the first start.
            guard error.errno == .noSuchFileOrDirectory else { return refuse(.unreachable, "\(error)") }
        }
        guard Files.isInMemory(configuration.runtimeDirectory) else {
            return refuse(
                .notInMemory,
                "\(configuration.runtimeDirectory) is not in memory (tmpfs): choose another --runtime-dir")
        }
        finding.words = "below \(finding.name), at most \(configuration.maxContainers)"
        return finding
    }
}
