internal import CConformanceClients
internal import Glibc

/// What kind of device is expected, where kinds differ.
public enum Expectation: String, CaseIterable, Sendable {
    /// Every operation of the interface.
    case full
    /// A file whose read-only descriptors are served from the page cache, with that cache's limits.
    case pageCache = "page-cache"
    /// A character device in user space, which cannot be mapped.
    case characterDevice = "character-device"
}

/// The device under test, as a row sees it.
struct Device: Sendable {
    var path: String
    var expectation: Expectation
    /// How many watchers the row about many of them opens.
    var opens = 1_000
    /// The path of the page in the layout of a vmclock, which its rows are about.
    var clock = ""

    /// Whether reads of this descriptor are served from the page cache.
    func isCached(_ flags: CInt) -> Bool {
        expectation == .pageCache && flags & O_ACCMODE == O_RDONLY
    }

    func open(_ flags: CInt = O_RDWR) throws -> Watcher {
        Watcher(descriptor: try expectResult(client_open(path, flags), "open"))
    }

    /// Reads without the lock of the file position, for which the readers and writers of one open regular file
    /// wait. Beside the page cache there is no position, and so no such lock.
    func readWithoutPosition(_ watcher: Watcher) -> Answer {
        expectation == .pageCache ? watcher.read() : watcher.read(at: 0)
    }

    /// Acknowledges without that lock.
    func acknowledgeWithoutPosition(_ watcher: Watcher, _ generation: UInt32) -> Answer {
        expectation == .pageCache ? watcher.acknowledge(generation) : watcher.acknowledge(generation, at: 0)
    }

    /// A new watcher whose reads do not block.
    func openNonBlocking() throws -> Watcher { try open(O_RDWR | O_NONBLOCK) }

    /// Makes a new generation, which is returned. The watcher that did it is up to date when it is closed.
    @discardableResult
    func trigger(minimum: UInt32 = 0, by request: Request = .trigger) throws -> UInt32 {
        let overseer = try openNonBlocking()
        defer { overseer.close() }
        try expect(overseer.request(request, UInt(minimum)), equals: .done, request.name)
        let answer = overseer.read()
        guard answer.outcome == CLIENT_GENERATION else {
            throw Mismatch(step: "read after \(request.name)", expected: "a generation", got: "\(answer)")
        }
        let generation = UInt32(truncatingIfNeeded: answer.value)
        try expect(overseer.acknowledge(generation), equals: .acknowledged, "write after \(request.name)")
        return generation
    }

    /// A tracked watcher that is outdated, and so keeps others waiting.
    func openOutdated(tracked: Bool = true) throws -> (watcher: Watcher, generation: UInt32) {
        let watcher = try openNonBlocking()
        if tracked { try watcher.track() }
        let generation = try trigger()
        return (watcher, generation)
    }

    /// How many open files are outdated, asked by one that is not.
    func outdatedCount() throws -> CInt {
        let overseer = try open(O_RDONLY)
        defer { overseer.close() }
        return try expectResult(overseer.request(.countOutdated), Request.countOutdated.name)
    }

    /// Both ways to open the device for reading.
    static let readingAccess = [O_RDONLY, O_RDWR]

    static func name(_ flags: CInt) -> String {
        switch flags & O_ACCMODE {
        case O_RDONLY: "O_RDONLY"
        case O_WRONLY: "O_WRONLY"
        default: "O_RDWR"
        }
    }
}
