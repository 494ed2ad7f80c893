import Foundation
import TestSupport
import Testing

@testable import SysGenIDBackends

/// The machines of `Fixtures/machines`, some recorded and some made up: does each give an identity, and if not, why?
struct MachineFileTests {
    @Test(arguments: MachineFile.names)
    func eachMachineGivesItsIdentityOrTheReason(name: String) throws {
        let file = try MachineFile(name)
        let machine = try file.machine()
        let candidate = try #require(
            HardwareSources(systemRoot: machine.root).all.first { $0.name == file.backend })
        do throws(SourceFailure) {
            _ = try candidate.open(.whole).identity()
            #expect(file.expect == "yes")
        } catch {
            let reason = error.description.replacing(machine.root, with: "")
            #expect(!reason.contains("\n"))
            let (answer, word) = (file.expect.prefix(2), file.expect.dropFirst(3))
            #expect(answer == "no" && (word.isEmpty || reason.contains(word)), "\(reason)")
        }
    }

    /// What a recorded machine has is seen by a glance, too: clients need not be served before it.
    @Test(arguments: MachineFile.names)
    func aGlanceFindsWhatIsThere(name: String) throws {
        let machine = try MachineFile(name).machine()
        for candidate in HardwareSources(systemRoot: machine.root).all {
            guard let identity = try? candidate.open(.whole).identity() else { continue }
            #expect(try candidate.open(.glance).identity() == identity)
        }
    }

    @Test func thereAreMachines() {
        #expect(MachineFile.names.count >= 83)
    }
}
