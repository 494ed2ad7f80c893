internal import SysGenIDSystem

/// The page that shows the generation, mapped: what it takes to notice a change in the middle of a
/// computation, without a system call.
///
/// It is no watcher, needs nothing to be acknowledged, and outlives the device that it was made from; it
/// is unmapped where it ends. See mmap(2).
public struct GenerationProbe: ~Copyable, Sendable {
    private let mapping: MappedGeneration

    init(_ mapping: consuming MappedGeneration) {
        self.mapping = mapping
    }

    /// Maps the page of the device at the path, at the offset that is published for it.
    ///
    /// - Throws: `DeviceFailure` with the reason `unmappable`, or any that opening the device has.
    public init(
        path: String = SystemGenerationDevice.defaultPath,
        attributes: PublishedAttributes = PublishedAttributes()
    ) throws(DeviceFailure) {
        let offset = attributes.describe(path) ? attributes.pageOffset : nil
        self = try SystemGenerationDevice(path: path, isBlocking: false).probe(pageOffset: offset ?? 0)
    }

    /// The generation, by one load with acquire ordering: what is read after it is no older than it.
    public func load() -> Generation {
        Generation(rawValue: mapping.load())
    }
}
