import SysGenIDCore
import Testing

@testable import SysGenIDFrontends

/// Which reads from the kernel's cache may wait.
struct PageCacheReadsTests {
    private let reads = PageCacheReads()
    private let first = WatcherID(slot: 0, uses: 0)
    private let second = WatcherID(slot: 1, uses: 0)

    @Test func nothingIsKnownOfAFileThatIsNotCached() {
        #expect(reads.mayBlock(first) == nil)
        reads.opened(second, isNonBlocking: false)
        #expect(reads.mayBlock(first) == nil)
    }

    @Test func eachFileIsReadAsItWasOpened() {
        reads.opened(first, isNonBlocking: false)
        reads.opened(second, isNonBlocking: true)
        #expect(reads.mayBlock(first) == true)
        #expect(reads.mayBlock(second) == false)
    }

    @Test func whatIsClosedIsForgottenAndNothingElse() {
        reads.opened(first, isNonBlocking: false)
        reads.opened(second, isNonBlocking: true)
        reads.closed(first)
        #expect(reads.mayBlock(first) == nil)
        #expect(reads.mayBlock(second) == false)
        reads.closed(first)
        // Whoever gets the slot is another one.
        reads.opened(WatcherID(slot: 0, uses: 1), isNonBlocking: true)
        #expect(reads.mayBlock(first) == nil)
        #expect(reads.mayBlock(WatcherID(slot: 0, uses: 1)) == false)
    }
}
