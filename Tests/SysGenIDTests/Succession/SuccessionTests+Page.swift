import SysGenIDSystem
import SystemPackage
import Testing

@testable import SysGenID

// Which page is mapped, and what it has to show.

extension SuccessionTests {
    @Test func whatAWatcherForWritingCannotMapIsMappedByAnother() {
        var succession = Self.succession()
        let table: [Line] = [
            (Self.opening, .open(.readWrite)), (.done, .map(.watcher)),
            (.failed(Self.unmappable), .map(.descriptorOfItsOwn)), (.done, .compare),
        ]
        expect(&succession, table)
    }

    @Test func aDeviceThatCannotBeMappedIsFollowed() {
        var succession = Self.succession()
        let table: [Line] = [
            (Self.opening, .open(.readWrite)), (.done, .map(.watcher)),
            (.failed(Self.unmappable), .map(.descriptorOfItsOwn)), (.failed(Self.unmappable), .compare),
            (.compared(shown: nil, .upToDate), .adopt(shown: nil)), (.done, .end(.nothing)),
        ]
        expect(&succession, table)
        #expect(succession.isConnected && succession.last == nil)
    }

    @Test func aPageThatWasMappedHasToBeFollowedByAnother() {
        var succession = Self.connected(.readOnly)
        let table: [Line] = [
            (Self.taking, .clear), (.done, .ask), (.found(.gone), .open(.readOnly)),
            (.done, .map(.descriptorOfItsOwn)), (.failed(Self.unmappable), .disconnect(.fail(Self.unmappable))),
            (.done, .fail(Self.unmappable)),
        ]
        expect(&succession, table)
        #expect(!succession.isConnected)
    }

    @Test func aWatcherThatIsOutdatedFromTheStartIsOpenedAnew() {
        var succession = Self.succession()
        let table = Self.connecting(showing: Self.first, after: Self.opening).dropLast()
        expect(&succession, table + [(.compared(shown: Self.first, .outdated), .open(.readWrite))])
        expect(&succession, Self.connecting(showing: Self.second).dropFirst() + [(.done, .end(.nothing))])
        #expect(succession.last == Self.second)
    }
}
