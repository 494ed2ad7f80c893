extension Configuration {
    /// Why containers have no devices of their own, as far as the options alone say so, and what to do next.
    var containerObstacle: (reason: SurveyReason, words: String)? {
        guard maxContainers > 0 else { return (.notAskedFor, "--max-containers is 0") }
        return switch frontend {
        case .auto, .both, .fuse: nil
        case .cuse: (.takesFuse, "that takes FUSE: start sysgenidd with --frontend auto, both or fuse")
        case .kernel:
            (
                .takesFuse,
                "that takes FUSE, and the kernel's own device is driven: --frontend fuse serves one with containers' beside it"
            )
        }
    }

    /// Whether containers are to have devices of their own.
    var servesContainers: Bool { containerObstacle == nil }
}
