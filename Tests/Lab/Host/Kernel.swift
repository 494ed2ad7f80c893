/// A kernel in which the programs are tested.
struct Kernel: Sendable {
    /// What it is called here and on the command line.
    var name: String
    /// The package that is, or depends on, the newest image of the series.
    var package: String
    var properties: Set<Property>

    /// What kernels differ in, as far as tests care.
    enum Property: String, CaseIterable, Sendable {
        /// FUSE passthrough, and so native mmap of the counter file.
        case passthrough
        /// No FUSE passthrough: the counter file is mapped from the page cache.
        case pageCache = "page-cache"
        /// FUSE is a module, and so may be absent.
        case fuseModule = "fuse-module"
    }

    /// The matrix. A kernel more is a line more.
    static let all = [
        Kernel(name: "6.1", package: "linux-image-amd64", properties: [.pageCache, .fuseModule]),
        Kernel(name: "6.12", package: "linux-image-6.12-amd64", properties: [.passthrough]),
    ]
}
