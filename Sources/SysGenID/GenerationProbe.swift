internal import SysGenIDSystem

/// The page that shows the generation, mapped: what it takes to notice a change in the middle of a
/// computation, without a system call.
///
/// It is no watcher, needs nothing to be acknowledged, and may be used from any thread. The page is unmapped with its
/// last copy. See mmap(2).
///
/// A mapping outlives the daemon that served the device, and shows the changes of the next one where that takes over, or
/// where the kernel has passthrough (6.9) and the runtime directory lies in memory. Elsewhere a probe of its own stands
/// still then; one that a `GenerationWatcher` gives goes on in any case.
///
/// Between the first instruction of a resumed machine and the daemon's store, the generation is still the old one. A probe
/// `withClock` looks at the hypervisor's own page as well, and has no such window: its `mark` is what to compare then.
public struct GenerationProbe: Sendable {
    let mapping: MappedGeneration
    /// The hypervisor's own page; nil where it is not looked at.
    let clock: HypervisorClock?

    init(_ mapping: MappedGeneration, clock: HypervisorClock? = nil) {
        self.mapping = mapping
        self.clock = clock
    }

    /// Maps the page of the device at the path, at the offset that is published for it.
    ///
    /// Where the device cannot be mapped, as the character device of the kernel's CUSE (`ENODEV`), the page that the
    /// daemon publishes in its runtime directory takes its place.
    ///
    /// - Parameters:
    ///   - path: where the device is.
    ///   - runtimeDirectory: where its daemon publishes the offset, and a page for those that cannot map the device.
    ///   - acceptsPublishedPage: whether the published page may take the device's place.
    /// - Throws: `DeviceFailure` with the reason `unmappable`, or any that opening the device has.
    public init(
        path: String = SystemGenerationDevice.defaultPath,
        runtimeDirectory: String = PublishedAttributes.defaultDirectory,
        acceptsPublishedPage: Bool = true
    ) throws(DeviceFailure) {
        let device = try SystemGenerationDevice(path: path, isBlocking: false)
        self = try GenerationProbe(
            of: device, runtimeDirectory: runtimeDirectory, acceptsPublishedPage: acceptsPublishedPage)
    }

    /// Maps the page of an open device, or the one that is published for it.
    package init(
        of device: borrowing SystemGenerationDevice, runtimeDirectory: String, acceptsPublishedPage: Bool = true
    ) throws(DeviceFailure) {
        let offset = try PageOffset.published(in: runtimeDirectory, for: device.path)
        do {
            self = try device.probe(pageOffset: offset)
        } catch let error where error.cause.errno == .operationNotSupportedByDevice {
            guard acceptsPublishedPage, PublishedAttributes(in: runtimeDirectory).describe(device.path),
                let page = try? MappedGeneration.published("\(runtimeDirectory)/page", offset: offset)
            else { throw error }
            self = GenerationProbe(page)
        }
    }

    /// The generation, by one load with acquire ordering: what is read after it is no older than it.
    public func load() -> Generation {
        Generation(rawValue: mapping.load())
    }
}
