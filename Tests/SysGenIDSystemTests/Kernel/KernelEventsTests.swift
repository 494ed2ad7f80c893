import Glibc
import SysGenIDSystem
import TestSupport
import Testing

struct KernelEventsTests {
    /// An event that has no consequence can be asked for here.
    static let device = "/sys/devices/virtual/mem/null/uevent"
    static let uuids = (1...2).map { "00000000-0000-0000-0000-00000000000\($0)" }

    @Test(.enabled(if: access(device, W_OK) == 0, "needs root and a /sys that can be written to"))
    func messagesAreTakenAsTheyCome() throws {
        let events = try KernelEvents()
        let file = try NamedFile(Self.device, [.writeOnly])
        for uuid in Self.uuids { try file.write(Array("change \(uuid)".utf8), at: 0) }
        var messages: [[UInt8]] = []
        while messages.count < 2, awaitReadable([events.descriptor]) == [events.descriptor] {
            // Others may come from the machine meanwhile.
            messages += events.take().filter { $0.starts(with: "change@/devices/virtual/mem/null\0".utf8) }
        }
        #expect(messages.count == 2)
        for (uuid, message) in zip(Self.uuids, messages) {
            #expect(message.last == 0)
            #expect(message.split(separator: 0).contains { $0.elementsEqual("SYNTH_UUID=\(uuid)".utf8) })
        }
    }
}
