import CSysGenID
import Glibc
import SysGenIDCore
import Testing

@testable import SysGenIDFrontends

@Suite struct ControlRequestTests {
    @Test(
        arguments: [
            (0xe401, 0, ControlRequest.setTracking(false)),
            (0xe401, 1, .setTracking(true)),
            (0xe401, 0xdead_beef_0000_0000, .setTracking(true)),
            (0xe402, 0, .waitForWatchers(.tracked, timeout: nil)),
            (0xe402, 250, .waitForWatchers(.tracked, timeout: .milliseconds(250))),
            (0xe402, .max, .waitForWatchers(.tracked, timeout: .milliseconds(Int64.max))),
            (0xe403, 0, .trigger(minimum: 0)),
            (0xe403, 0x1_8000_0000, .trigger(minimum: 0x8000_0000)),
            (0x2d01, 77, .countOutdated),
            (0x2d02, 0, .waitForWatchers(.everyOpenFile, timeout: nil)),
            (0x2d02, 1, .waitForWatchers(.everyOpenFile, timeout: .milliseconds(1))),
            (0x2d03, 9, .trigger(minimum: 9)),
        ] as [(UInt32, UInt, ControlRequest)])
    func requestsOfBothVersionsAreDecoded(_ command: UInt32, _ word: UInt, _ expected: ControlRequest) {
        #expect(ControlRequest(command: command, word: word) == expected)
    }

    @Test func everyOtherNumberIsUnknown() {
        let known: Set<UInt32> = [0xe401, 0xe402, 0xe403, 0x2d01, 0x2d02, 0x2d03]
        for command in UInt32(0)...0xffff where !known.contains(command) {
            #expect(ControlRequest(command: command, word: 1) == nil, "\(command)")
        }
        for direction in [0x4000_0000, 0x8000_0000, 0xc004_0000] as [UInt32] {
            #expect(known.allSatisfy { ControlRequest(command: direction | $0, word: 1) == nil })
        }
    }

    @Test(arguments: [
        (Duration.milliseconds(0), UInt64(5), UInt64(5)),
        (.milliseconds(1), 5, 1_000_005),
        (.milliseconds(1_500), 0, 1_500_000_000),
        (.milliseconds(Int64.max), 5, .max),
        (.milliseconds(10), .max, .max),
        (.seconds(Int64.max), 0, .max),
    ])
    func aDeadlineNeverWrapsAround(_ timeout: Duration, _ now: UInt64, _ expected: UInt64) {
        #expect(Deadline(timeout, after: now).rawValue == expected)
    }

    @Test(arguments: [
        (Refusal.wouldBlock, EAGAIN), (.bufferTooSmall, EINVAL), (.wrongLength, ENOBUFS), (.notCurrent, EINVAL),
        (.interrupted, EINTR), (.callerOutdated, EINTR), (.stillOutdated, EINTR), (.timedOut, ETIME),
        (.notPermitted, EACCES), (.unknownRequest, EINVAL), (.tooManyWatchers, EMFILE),
    ])
    func refusalsAreTheErrorsOfTheInterface(_ refusal: Refusal, _ errno: CInt) {
        #expect(refusal.errno == errno)
    }

    @Test(arguments: [
        ("/dev/sysgenid", "sysgenid"), ("/dev/a b", "a b"), ("/dev/x/y", nil), ("/dev/", nil), ("/tmp/sysgenid", nil),
        ("/device", nil), ("", nil),
    ])
    func aCharacterDeviceIsRightBelowDev(_ path: String, _ name: String?) {
        #expect(CharacterDevice.deviceName(for: path) == name)
    }
}
