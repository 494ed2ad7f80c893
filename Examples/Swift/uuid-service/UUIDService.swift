// A service that hands out UUIDs from a generator of its own, seeded once, as many programs have one. When the system is
// cloned, so is the generator: without the device, both clones hand out the same UUIDs from then on.
//
//     swift run uuid-service [--without-device] [DEVICE [RUNTIME-DIR]]
//
// The input: "uuid" prints the next one. "clone" stands for a clone of the whole system on this one: the service is
// duplicated with all its state, and each of the two answers from then on, the second one indented.

import Glibc
import SysGenID

/// SplitMix64: the same numbers for the same state. A copy of the value is what a clone of the system makes of it.
struct Generator {
    private var state = UInt64.random(in: 0...UInt64.max)

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

struct Service {
    private let probe: GenerationProbe?
    private var generator = Generator()
    private var generation: Generation?

    init(_ probe: GenerationProbe?) {
        self.probe = probe
        generation = probe?.load()
    }

    mutating func uuid() -> String {
        while true {
            let now = probe?.load()
            if now != generation { (generator, generation) = (Generator(), now) }
            let high = generator.next() & 0xffff_ffff_ffff_0fff | 0x4000
            let low = generator.next() & 0x3fff_ffff_ffff_ffff | 0x8000_0000_0000_0000
            // Cloned in the middle: nobody may get this one.
            guard probe?.load() == now else { continue }
            let digits = (hexadecimal(high) + hexadecimal(low)).map(String.init)
            return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { digits[$0].joined() }.joined(separator: "-")
        }
    }

    private func hexadecimal(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

@main
struct UUIDService {
    static func main() throws {
        let arguments = CommandLine.arguments.dropFirst()
        let hasDevice = arguments.first != "--without-device"
        let probe =
            hasDevice
            ? try GenerationProbe(
                path: arguments.first ?? SystemGenerationDevice.defaultPath,
                runtimeDirectory: arguments.dropFirst().first ?? PublishedAttributes.defaultDirectory) : nil
        var services = [Service(probe)]
        say("ready")
        while let request = readLine() {
            if request == "clone", services.count == 1 { services.append(services[0]) }
            guard request == "uuid" else { continue }
            for index in services.indices { say((index == 0 ? "" : "    ") + services[index].uuid()) }
        }
    }
}

func say(_ line: String) {
    print(line)
    fflush(nil)
}
