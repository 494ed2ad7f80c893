import SysGenIDSystem
import TestSupport

@testable import SysGenIDBackends

extension ReplayedMachine {
    var memory: PhysicalMemory { PhysicalMemory(scratch.path("dev/mem")) }

    /// Its VM generation ID by the ACPI tables.
    func acpi() throws(SourceFailure) -> MemorySource {
        try MemorySource.acpi(systemRoot: root, memory: memory)
    }
}
