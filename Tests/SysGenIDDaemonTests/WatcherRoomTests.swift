import SysGenIDCore
import SysGenIDSystem
import Testing

@testable import SysGenIDDaemon

/// How many watchers there may be under a limit of memory.
struct WatcherRoomTests {
    private func room(_ bytesLeft: Int, wanted: Int = 65_536) -> (limits: Limits, remark: String?) {
        WatcherRoom.limits(
            Limits(watchers: wanted), under: MemoryLimits.Limit(name: "RLIMIT_DATA", bytesLeft: bytesLeft))
    }

    @Test func withoutALimitAllThatWereAskedForMayCome() {
        let (limits, remark) = WatcherRoom.limits(Limits(watchers: 1_000_000), under: nil)
        #expect(limits == Limits(watchers: 1_000_000))
        #expect(remark == nil)
    }

    @Test(
        arguments: [
            (16 << 20 + 1_000 * 2_048, 1_000), (16 << 20 + 64 * 2_048, 64), (16 << 20, 64), (0, 64), (-1 << 30, 64),
            (Int.max, 65_536), (144 << 20, 65_536), (144 << 20 - 1, 65_535),
        ] as [(Int, Int)])
    func whatIsLeftAfterTheReserveIsForWatchers(_ bytesLeft: Int, _ watchers: Int) {
        let (limits, remark) = room(bytesLeft)
        #expect(limits == Limits(watchers: watchers))
        #expect((remark == nil) == (watchers == 65_536))
    }

    @Test func theRemarkNamesTheLimit() {
        #expect(room(17 << 20).remark == "RLIMIT_DATA leaves 17 MiB: --max-watchers is 512 instead of 65536")
        #expect(room(-5).remark == "RLIMIT_DATA leaves 0 MiB: --max-watchers is 64 instead of 65536")
    }

    @Test func fewerThanThereIsRoomForStayAsTheyAre() {
        #expect(room(0, wanted: 3).limits == Limits(watchers: 3))
    }
}
