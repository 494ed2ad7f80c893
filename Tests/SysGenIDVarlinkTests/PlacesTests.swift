import SysGenIDSystem
import Testing

@testable import SysGenIDVarlink

@Suite("Who may connect when there are many")
struct PlacesTests {
    private let places: Places = {
        var limits = VarlinkLimits()
        (limits.localConnections, limits.connectionsForRoot) = (6, 2)
        (limits.connectionsPerUser, limits.hostConnections) = (3, 2)
        return Places(limits: limits, hostContext: 2)
    }()

    /// In the order of their last use; a capital has no call in hand. `r` is root, `h` the host, `g` another machine, others are users.
    private func decision(on newcomer: Character, among holders: String) -> Places.Decision {
        places.decide(
            on: peer(newcomer),
            among: holders.enumerated().map { place, letter in
                Places.Holder(
                    key: UInt64(place), peer: peer(letter), isIdle: letter.isUppercase, lastUse: UInt64(place))
            })
    }

    private func peer(_ letter: Character) -> Peer {
        let letter = letter.lowercased()
        guard letter != "h" else { return .host(cid: 2) }
        guard letter != "g" else { return .host(cid: 1) }
        let user = letter == "r" ? 0 : UInt32(letter.utf8.first!)
        return .process(uid: user, gid: user, pid: 1)
    }

    @Test(
        arguments: [
            ("a", "", .free), ("a", "aA", .free), ("a", "rrrr", .free), ("r", "rrrrr", .free), ("h", "rrrrrrh", .free),
            // One who has enough gives up one of his own that is idle.
            ("a", "aAA", .insteadOf(1)), ("a", "aaa", .refused), ("a", "Baaa", .refused),
            // Users together leave some for root.
            ("b", "aaab", .insteadOf(0)), ("c", "AaAb", .insteadOf(0)), ("c", "aAab", .insteadOf(1)),
            ("c", "abab", .insteadOf(0)), ("e", "abcd", .refused), ("e", "abCd", .insteadOf(2)),
            ("b", "abab", .refused),
            // Root is never shut out, nor is the host.
            ("r", "aaabrr", .insteadOf(0)), ("r", "aaabRR", .insteadOf(0)), ("r", "aaaBrr", .insteadOf(3)),
            ("r", "rrrrrr", .insteadOf(0)), ("r", "rrRrrr", .insteadOf(2)),
            ("h", "hh", .insteadOf(0)), ("h", "rhH", .insteadOf(2)), ("g", "", .refused),
        ] as [(Character, String, Places.Decision)])
    func itIsDecided(_ newcomer: Character, _ holders: String, _ expected: Places.Decision) {
        #expect(decision(on: newcomer, among: holders) == expected)
    }
}
