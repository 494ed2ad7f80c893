internal import SysGenIDFrontends
internal import SysGenIDSystem

extension FrontendChoice {
    /// What the choice comes to by what is at the path: where the kernel has a device of its own, `auto` drives that.
    ///
    /// - Throws: where the device cannot be at the path.
    func settled(
        at path: String, in namespace: MountNamespace, systemRoot: String
    ) throws(FrontendFailure) -> FrontendChoice {
        guard isServed else { return self }
        if self == .auto, try KernelDevice.isAt(path, in: namespace, systemRoot: systemRoot) { return .kernel }
        try DevicePlace.check(path, in: namespace)
        return self
    }

    /// Whether the daemon serves the device itself, and drives none.
    var isServed: Bool { self != .kernel }
}
