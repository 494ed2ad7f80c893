/// Why the device or a frontend cannot be used, as `UnusableReason` has it of backends. The names stay as they are.
enum SurveyReason: String, CaseIterable, Sendable {
    /// The kernel's part of it is missing.
    case noInterface = "no-interface"
    case notPermitted = "not-permitted"
    case unreadable
    /// The libfuse that is loaded cannot serve it.
    case libraryRefused = "library-refused"
    /// The mount namespace cannot be entered, or the path not be followed.
    case unreachable
    /// Something else is at the path.
    case inTheWay = "in-the-way"
    /// The host gives no fresh bytes.
    case noEntropy = "no-entropy"
    /// There is no frontend that can be mapped, or none at all.
    case noFrontend = "no-frontend"
    /// The devices of containers are a file system of FUSE, which cannot be used or was not asked for.
    case takesFuse = "takes-fuse"
    /// The devices of containers are turned off.
    case notAskedFor = "not-asked-for"
    /// The runtime directory does not lie in memory, where the pages of containers' devices have to be.
    case notInMemory = "not-in-memory"
    /// There is no device of somebody else that could be driven.
    case noKernelDevice = "no-kernel-device"
}
