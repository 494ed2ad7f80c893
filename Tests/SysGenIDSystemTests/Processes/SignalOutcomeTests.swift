import CSysGenID
import Glibc
import Testing

@testable import SysGenIDSystem

struct SignalOutcomeTests {
    private static let signal = Signal(rawValue: SIGUSR1)
    private static let mask: ThreadSignals.Mask = 0x200

    private static func thread(
        blocked: ThreadSignals.Mask = 0, ignored: ThreadSignals.Mask = 0, caught: ThreadSignals.Mask = 0,
        awaited: ThreadSignals.Mask = 0, isOver: Bool = false
    ) -> ThreadSignals {
        var thread = ThreadSignals(isOver: isOver, blocked: blocked, ignored: ignored, caught: caught)
        thread.awaited = { awaited }
        return thread
    }

    private static let plain = thread()
    private static let caught = thread(caught: mask)
    private static let ignored = thread(ignored: mask)
    private static let blocked = thread(blocked: mask)
    private static let waiting = thread(awaited: mask)
    private static let ended = thread(blocked: mask, caught: mask, isOver: true)

    @Test func whatAHandlerOrASignalfdTakesIsTaken() {
        for threads in [
            [Self.caught], [Self.caught, Self.caught], [Self.waiting],
            [Self.blocked, Self.waiting], [Self.waiting, Self.blocked],
            [Self.thread(blocked: Self.mask, caught: Self.mask)],
        ] {
            #expect(SignalOutcome(of: Self.signal, in: threads) == .taken)
        }
    }

    @Test func whatAllThreadsBlockIsKeptBack() {
        for threads in [
            [Self.blocked], [Self.blocked, Self.blocked], [Self.ended, Self.blocked],
            [Self.thread(blocked: Self.mask, ignored: Self.mask)],
        ] {
            #expect(SignalOutcome(of: Self.signal, in: threads) == .keptBack)
        }
    }

    @Test func oneThreadThatDoesNotKeepItBackIsEnough() {
        for threads in [
            [Self.plain], [Self.blocked, Self.plain], [Self.plain, Self.blocked], [Self.waiting, Self.plain],
            [Self.ended, Self.plain], [Self.thread(caught: 0x100)], [Self.thread(blocked: 0x400, ignored: 0x100)],
        ] {
            #expect(SignalOutcome(of: Self.signal, in: threads) == .ends)
        }
        let ignoring = Self.thread(blocked: Self.mask, ignored: Self.mask)
        #expect(SignalOutcome(of: Self.signal, in: [ignoring, Self.ignored]) == .ignored)
    }

    @Test func whatCannotBeSeenIsUnknown() {
        #expect(SignalOutcome(of: Self.signal, in: [nil]) == .unknown)
        #expect(SignalOutcome(of: Self.signal, in: [Self.blocked, nil]) == .unknown)
        #expect(SignalOutcome(of: Self.signal, in: [Self.ended]) == .isOver)
        #expect(SignalOutcome(of: Self.signal, in: []) == .isOver)
    }

    @Test(arguments: [
        (SIGHUP, SignalOutcome.ends), (SIGUSR1, .ends), (SIGKILL, .ends), (SIGSEGV, .ends), (SIGIO, .ends), (34, .ends),
        (64, .ends), (SIGCHLD, .ignored), (SIGURG, .ignored), (SIGWINCH, .ignored), (SIGCONT, .ignored),
        (SIGSTOP, .stops), (SIGTSTP, .stops), (SIGTTIN, .stops), (SIGTTOU, .stops),
    ])
    func withoutAHandlerTheSystemDecides(number: CInt, outcome: SignalOutcome) {
        #expect(SignalOutcome(of: Signal(rawValue: number), in: [Self.plain]) == outcome)
    }

    @Test func allSixtyFourSignalsHaveTheirBit() {
        for number in 1...CInt(64) {
            let mask = ThreadSignals.Mask(bits: 1 << UInt64(number - 1))
            for other in 1...CInt(64) { #expect(mask.contains(Signal(rawValue: other)) == (other == number)) }
        }
        #expect(!ThreadSignals.Mask(bits: .max).contains(Signal(rawValue: 0)))
        #expect(!ThreadSignals.Mask(bits: .max).contains(Signal(rawValue: 65)))
    }

    // MARK: - What /proc says

    /// As Linux 6.12 writes it, but for the lines of the memory.
    private static let status = """
        Name:\tSigCgt:\\tx
        Umask:\t0022
        State:\tS (sleeping)
        Tgid:\t41
        Groups:\t0 27 
        SigQ:\t1/15237
        SigPnd:\t0000000000000000
        ShdPnd:\t0000000000000000
        SigBlk:\t0000000000010000
        SigIgn:\t8000000000000006
        SigCgt:\tffffffff00004a01
        CapInh:\t0000000000000000

        """

    private func thread(_ status: String) -> ThreadSignals? { ThreadSignals(status: Array(status.utf8)) }

    @Test func theMasksAreRead() throws {
        let found = try #require(thread(Self.status))
        #expect(found.blocked.bits == 0x10000 && found.ignored.bits == 0x8000_0000_0000_0006)
        #expect(found.caught.bits == 0xffff_ffff_0000_4a01 && !found.isOver && found.awaited() == 0)
        for state in ["Z (zombie)", "X (dead)"] {
            #expect(thread(Self.status.replacing("S (sleeping)", with: state))?.isOver == true)
        }
    }

    @Test func manyGroupsAreNotTooMany() throws {
        let groups = (0..<65_536).map { "\(4_294_900_000 + $0)" }.joined(separator: " ")
        let status = Self.status.replacing("0 27", with: groups)
        #expect(status.utf8.count < 1_048_576)
        #expect(thread(status)?.caught.bits == 0xffff_ffff_0000_4a01)
    }

    @Test(arguments: [
        ("SigCgt:\tffffffff00004a01", "SigCgt:\tffffffff00004a0"), ("SigCgt:\tffffffff00004a01", "SigCgt:\t"),
        ("SigCgt:\tffffffff00004a01", "SigCgt:\tffffffff00004a01ffffffff00004a01"), ("SigBlk:\t", "SigBlk: "),
        ("SigIgn:\t8000000000000006", "SigIgn:\t+000000000000006"), ("SigIgn:\t8", "SigIgn:\tg"),
        ("State:\tS (sleeping)", "State:\t"), ("State", "state"), ("SigBlk:", "SigBlx:"),
    ])
    func whatIsNoStatusIsNone(found: String, replacement: String) {
        #expect(Self.status.contains(found))
        #expect(thread(Self.status.replacing(found, with: replacement)) == nil)
    }

    @Test func onlyAWaitForSignalsHasAnAddress() {
        func address(_ call: String) -> Int64? { ThreadSignals.addressOfAwaited(inCall: Array(call.utf8)) }
        let number = CSYSGENID_SIGTIMEDWAIT
        #expect(address("\(number) 0x7ffd00001230 0x0 0x0 0x8 0x0 0x0 0x7ffd00001200 0x7f00aa\n") == 0x7ffd_0000_1230)
        for other in [
            "", "running\n", "-1 0x7ffd00001200 0x7f00aa\n", "\(number + 1) 0x7ffd00001230 0x0\n", "\(number)",
            "\(number) 7ffd", "\(number) 0x", "\(number) 0xffffffffffffffff 0x0\n", "\(number) 0x12345678123456781 0x0",
        ] {
            #expect(address(other) == nil, "\(other)")
        }
    }
}
