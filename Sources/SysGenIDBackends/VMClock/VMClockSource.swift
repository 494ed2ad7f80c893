internal import SysGenIDCore
internal import SysGenIDSystem

/// The generation counter of a vmclock device. See drivers/ptp/ptp_vmclock.c of the kernel (6.13), which
/// knows the counter and poll(2) since 7.0.
final class VMClockSource: IdentitySource {
    private let path: String
    private let page: MappedPage
    private let hasPoll: Bool

    /// The vmclock by its device, or where the kernel has no driver of it, by its page in memory.
    ///
    /// - Parameter systemRoot: the directory below which /sys, /proc and /dev are.
    static func open(
        systemRoot: String, memory: PhysicalMemory, by look: SourceCandidate.Look = .whole
    ) throws(SourceFailure) -> any IdentitySource {
        let path = path(systemRoot)
        let device = try Device(path)
        guard !device.isThere else { return try VMClockSource(device, at: path) }
        let driver = "Linux 6.13 with ptp_vmclock"
        guard let address = try place(systemRoot, memory, insteadOf: path, driver, look) else {
            throw SourceFailure(
                .noInterface, "\(path) is missing: it takes a hypervisor with a vmclock, and \(driver)",
                isProvisional: look == .glance && ACPITables.areThere(systemRoot))
        }
        do throws(SourceFailure) {
            return try VMClockMemorySource(systemRoot: systemRoot, memory: memory, address: address)
        } catch {
            throw SourceFailure(
                error.reason, "\(path) is missing, and the hypervisor has a vmclock: it takes \(driver) (\(error))")
        }
    }

    private static func place(
        _ systemRoot: String, _ memory: PhysicalMemory, insteadOf path: String, _ driver: String,
        _ look: SourceCandidate.Look
    ) throws(SourceFailure) -> UInt64? {
        do throws(SourceFailure) {
            return try VMClockPlace(systemRoot: systemRoot, memory: memory).address(by: look)
        } catch {
            throw SourceFailure(
                error.reason,
                "\(path) is missing: it takes \(driver), and what the firmware says of a vmclock cannot be used (\(error))"
            )
        }
    }

    private static func path(_ systemRoot: String) -> String {
        Surroundings.absolutePath("\(systemRoot)/dev/vmclock0")
    }

    /// Opens and maps the device, and looks whether it can be used.
    ///
    /// - Parameter systemRoot: the directory below which /dev is.
    convenience init(systemRoot: String = "/") throws(SourceFailure) {
        let path = Self.path(systemRoot)
        try self.init(try Device(path), at: path)
    }

    private init(_ device: borrowing Device, at path: String) throws(SourceFailure) {
        self.path = path
        do throws(SystemCallFailure) {
            page = try MappedPage(device.path)
        } catch {
            throw SourceFailure(UnusableReason(error), "cannot map \(path) (\(error.errno)): let the daemon read it")
        }
        let isAnnounced = try Self.read(page, path).hasNotifications
        hasPoll =
            isAnnounced
            && Self.pollWaits(acknowledge: page.acknowledge) { [page] in
                isReadable(page.descriptor)
            }
    }

    /// The counter, which tells that the system was resumed and not which one it is: clones of one snapshot
    /// may be given the same value. So the second word is always zero.
    func identity() throws(SourceFailure) -> Identity { try sighting().identity }

    func sighting() throws(SourceFailure) -> Sighting { try sighting(isAnnounced: false) }

    func sighting(isAnnounced: Bool) throws(SourceFailure) -> Sighting {
        if hasPoll, isAnnounced || isReadable(page.descriptor) {
            // Before the page is read: a change that comes after the acknowledgement is announced again.
            page.acknowledge()
        }
        return try Self.read(page, path).sighting(isFollowed: hasPoll)
    }

    /// Without an acknowledgement: the look that follows makes it.
    func news(since seen: Identity) -> Sighting? {
        guard let sighting = try? Self.read(page, path).sighting(isFollowed: hasPoll), sighting.identity != seen else {
            return nil
        }
        return sighting
    }

    /// Readable when the page has changed since `identity()` was asked last; nil where the device does not
    /// tell. To be asked for before each wait, since the next host may not tell what this one does.
    var pollDescriptor: CInt? {
        guard hasPoll, let contents = try? Self.read(page, path), contents.hasNotifications else { return nil }
        return page.descriptor
    }

    private static func read(_ page: MappedPage, _ path: String) throws(SourceFailure) -> VMClockPage {
        do throws(VMClockPage.Defect) {
            return try VMClockPage(available: page.count, load: page.loadWord)
        } catch {
            throw SourceFailure(error.reason, "\(path) \(error)")
        }
    }

    /// Whether poll(2) waits for the next change once the device has been read. A device that has no poll,
    /// as those of kernels before 7.0, always seems to be readable.
    static func pollWaits(acknowledge: () -> Void, isReadable: () -> Bool) -> Bool {
        // The page may change between the two, though hardly each time.
        (0..<3).contains { _ in
            acknowledge()
            return !isReadable()
        }
    }
}

/// The hypervisor's device, which the daemon's own page may cover.
private struct Device: ~Copyable {
    /// What the device is opened by.
    let path: String
    private let directory: OwnedDescriptor?

    init(_ path: String) throws(SourceFailure) {
        guard Mounts.isOurs(path), let slash = path.lastIndex(of: "/") else {
            self.path = path
            directory = nil
            return
        }
        do throws(SystemCallFailure) {
            let bare = try Mounts.openBare(String(path[..<slash]))
            self.path = "/proc/self/fd/\(bare.rawValue)\(path[slash...])"
            directory = consume bare
        } catch {
            throw SourceFailure(UnusableReason(error), "\(path) is covered by the daemon's own page (\(error))")
        }
    }

    var isThere: Bool {
        guard directory != nil else { return Files.exists(path) }
        // A file without contents is what the page was mounted over.
        return (try? Files.status(path)).map { $0.kind != .regular || $0.size > 0 } ?? false
    }
}
