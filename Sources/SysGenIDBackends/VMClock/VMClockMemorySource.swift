internal import SysGenIDCore
internal import SysGenIDSystem

/// The generation counter in the page of a vmclock that the kernel has no driver of, read in the machine's memory.
final class VMClockMemorySource: IdentitySource {
    private let region: PhysicalRegion
    private let location: String

    var place: String? { "in memory, \(location)" }

    /// Maps the page at the address.
    init(systemRoot: String, memory: PhysicalMemory, address: UInt64) throws(SourceFailure) {
        location = "at \(MemoryMap.text(address))"
        guard address.isMultiple(of: 4) else {
            throw SourceFailure(.addressRefused, "the vmclock \(location) is not aligned")
        }
        region = try MemoryMap(systemRoot: systemRoot).region(
            at: address, size: VMClockPage.byteCount, of: memory, systemRoot: systemRoot, as: "the vmclock")
    }

    func identity() throws(SourceFailure) -> Identity { try sighting().identity }

    /// Nothing tells of a change: only the kernel's driver hears the hypervisor.
    func sighting() throws(SourceFailure) -> Sighting {
        do throws(SystemCallFailure) { try region.check() } catch {
            throw SourceFailure(UnusableReason(error), "the vmclock \(location) cannot be read: \(error)")
        }
        do throws(VMClockPage.Defect) {
            let page = try VMClockPage(available: region.count, load: region.loadWord)
            return page.sighting(isFollowed: false)
        } catch {
            throw SourceFailure(error.reason, "the page \(location) \(error)")
        }
    }
}
