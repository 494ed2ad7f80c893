import TestSupport
import Testing

@testable import SysGenIDBackends

struct KernelEventMessageTests {
    /// As Linux 6.8 puts it together for QEMU's device.
    static let fork = """
        change@/devices/LNXSYSTM:00/LNXSYBUS:00/QEMUVGID:00|ACTION=change|\
        DEVPATH=/devices/LNXSYSTM:00/LNXSYBUS:00/QEMUVGID:00|SUBSYSTEM=acpi|NEW_VMGENID=1|DRIVER=vmgenid|\
        MODALIAS=acpi:QEMUVGID:VM_GEN_COUNTER:|SEQNUM=1234|
        """

    /// The bytes of a text in which a bar stands for a zero.
    private func bytes(_ text: String) -> [UInt8] {
        text.utf8.map { $0 == UInt8(ascii: "|") ? 0 : $0 }
    }

    private func parse(_ text: String) -> KernelEventMessage? { KernelEventMessage(bytes(text)) }

    private func assignment(_ key: String, _ value: String) -> KernelEventMessage.Assignment {
        KernelEventMessage.Assignment(key: bytes(key), value: bytes(value))
    }

    @Test func theFieldsAreTaken() throws {
        let message = try #require(parse("add@/devices/virtual/mem/null|ACTION=add|DEVMODE=0666|EMPTY=|URL=a=b==|"))
        #expect(message.action == bytes("add"))
        #expect(message.devicePath == bytes("/devices/virtual/mem/null"))
        #expect(
            message.assignments == [
                assignment("ACTION", "add"), assignment("DEVMODE", "0666"), assignment("EMPTY", ""),
                assignment("URL", "a=b=="),
            ])
        #expect(!message.isVirtualMachineFork)
    }

    @Test func aHeaderAloneIsAMessage() throws {
        #expect(try #require(parse("remove@/a@b=c|")).devicePath == bytes("/a@b=c"))
    }

    @Test("the kernel's announcement, wherever it stands", arguments: [fork, "change@/a|NEW_VMGENID=1|"])
    func forks(text: String) throws {
        #expect(try #require(parse(text)).isVirtualMachineFork)
    }

    @Test(
        "what only looks like the kernel's announcement",
        arguments: [
            // In the header, and inside of another key or value.
            "change@/NEW_VMGENID=1|", "NEW_VMGENID=1@/a|", "change@/a|SYNTH_ARG_NEW_VMGENID=1|",
            "change@/a|NAME=NEW_VMGENID=1|", "change@/a|NAME=x NEW_VMGENID=1|", "change@/a|NAME=x\nNEW_VMGENID=1|",
            // More or less than it.
            "change@/a|NEW_VMGENID=10|", "change@/a|NEW_VMGENID=|", "change@/a|NEW_VMGENID=0|",
            "change@/a|NEW_VMGENID= 1|", "change@/a|NEW_VMGENID=1 |", "change@/a|NEW_VMGENID=01|",
            "change@/a|new_vmgenid=1|", "change@/a| NEW_VMGENID=1|", "change@/a|NEW_VMGENID==1|",
        ])
    func forgeries(text: String) throws {
        #expect(try #require(parse(text)).isVirtualMachineFork == false)
    }

    @Test(
        "what is no message",
        arguments: [
            "", "|", "change", "change@/a", "change@/a|NEW_VMGENID=1", "change|NEW_VMGENID=1|", "@/a|NEW_VMGENID=1|",
            "change@|NEW_VMGENID=1|", "change@a|NEW_VMGENID=1|", "|change@/a|NEW_VMGENID=1|", "NEW_VMGENID=1|",
            "change@/a||NEW_VMGENID=1|", "change@/a|NEW_VMGENID=1||", "change@/a|NEW_VMGENID=1|x",
            "change@/a|NEW_VMGENID|1|", "change@/a|X|NEW_VMGENID=1|", "change@/a|=1|NEW_VMGENID=1|",
            // As udev tells its own listeners.
            "libudev|change@/a|NEW_VMGENID=1|",
        ])
    func garbage(text: String) {
        #expect(parse(text) == nil)
    }

    @Test func aPartOfTheMessageIsNeverTheWhole() {
        let message = bytes(Self.fork)
        let announcement = message.firstRange(of: bytes("|NEW_VMGENID=1|"))!
        for length in message.indices {
            let isCutBetweenFields = length > 0 && message[length - 1] == 0
            #expect((KernelEventMessage(message.prefix(length)) != nil) == isCutBetweenFields, "\(length) bytes")
            // What is left begins in the middle of the header, or of a field that has no @.
            let isAnnounced = KernelEventMessage(message.dropFirst(length + 1))?.isVirtualMachineFork
            #expect(isAnnounced == (length < 5 ? true : nil), "without \(length + 1)")
        }
        #expect(KernelEventMessage(message.prefix(announcement.upperBound))?.isVirtualMachineFork == true)
    }

    @Test func aDamagedAnnouncementIsNone() {
        let prefix = bytes("change@/a|")
        let message = prefix + bytes("NEW_VMGENID=1|")
        for place in prefix.count..<message.count {
            for bit in 0..<8 {
                var damaged = message
                damaged[place] ^= 1 << bit
                #expect(KernelEventMessage(damaged)?.isVirtualMachineFork != true, "bit \(bit) at \(place)")
            }
        }
    }

    @Test func whatIsParsedIsTheWholeMessage() {
        var random = SeededGenerator(seed: 8)
        let alphabet = bytes("||||====@@/aA1") + Array(0...255)
        var parsedCount = 0
        for round in 0..<50_000 {
            let tail = (0..<Int.random(in: 0...30, using: &random)).map { _ in alphabet.randomElement(using: &random)! }
            let text = bytes("a@/b|K=V") + tail + [0]
            guard let message = KernelEventMessage(text) else { continue }
            parsedCount += 1
            let fields = message.assignments.map { [$0.key, $0.value].joined(separator: bytes("=")) }
            let header = [message.action, message.devicePath].joined(separator: bytes("@"))
            #expect(([header] + fields).flatMap { $0 + [0] } == text, "round \(round)")
        }
        #expect(parsedCount > 1_000)
    }
}
