import Glibc
import SysGenIDSystem
import Testing

struct SignalTests {
    @Test(arguments: [
        ("HUP", SIGHUP), ("SIGHUP", SIGHUP), ("hup", SIGHUP), ("sigterm", SIGTERM), ("1", SIGHUP), ("15", SIGTERM),
        ("USR2", SIGUSR2), ("KILL", SIGKILL), ("34", 34), ("64", 64),
    ])
    func aNameOrANumberIsTaken(_ text: String, _ number: CInt) {
        #expect(Signal(text)?.rawValue == number)
    }

    @Test(arguments: ["", "SIG", "SIGSIGHUP", "NONE", "0", "65", "-1", "+1", "01", "1 ", "HUP ", "4294967297"])
    func anythingElseIsNone(_ text: String) {
        #expect(Signal(text) == nil)
    }

    @Test func theNameIsThatOfTheShell() {
        #expect(Signal.hangUp.description == "HUP")
        #expect(Signal(rawValue: 40).description == "40")
        for signal in Signal.requests { #expect(Signal(signal.description) == signal) }
    }
}
