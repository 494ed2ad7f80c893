import TestSupport
import Testing

@testable import SysGenIDCore

/// Nobody can take everything from the others.
struct ShareTests {
    private static func user(_ id: UInt32, in group: String? = nil) -> Opener {
        Opener(thread: 1, userID: id, group: group.map { .controlGroup($0.utf8) })
    }

    private static let root = Opener(thread: 1, userID: 0, account: .privileged)

    /// Takes as much as the opener gets.
    private static func takeAll(_ opener: Opener, of shares: inout Shares) -> Int {
        var count = 0
        while shares.hasRoom(for: opener) {
            shares.add(opener)
            count += 1
        }
        return count
    }

    @Test(
        arguments: [
            (1, 0), (2, 1), (3, 1), (20, 10), (32, 16), (100, 16), (256, 16), (257, 16), (4_096, 256),
            (20_000, 1_250),
        ])
    func aPartIsKeptForThePrivileged(limit: Int, reserve: Int) {
        #expect(Shares.reserve(of: limit) == reserve)
        var shares = Shares(limit: limit)
        // However many there are, they leave it.
        for id in 1...UInt32(min(limit, 1_000)) { _ = Self.takeAll(Self.user(id), of: &shares) }
        #expect(shares.total <= limit - reserve)
        let rest = limit - shares.total
        #expect(rest >= reserve)
        #expect(Self.takeAll(Self.root, of: &shares) == rest)
        #expect(!shares.hasRoom(for: Self.user(5_000)))
    }

    /// Accounts that take all that they get, what all of them have then, and what one who comes after them still gets.
    @Test(
        arguments: [
            (4_096, 0, 0, 480), (4_096, 1, 480, 368), (4_096, 2, 848, 292), (4_096, 13, 2_451, 63),
            (4_096, 20, 2_798, 36), (4_096, 100, 3_581, 3), (4_096, 200, 3_725, 1), (4_096, 340, 3_840, 0),
            (65_536, 0, 0, 7_680), (65_536, 13, 39_162, 1_010), (65_536, 20, 44_698, 571), (65_536, 200, 59_150, 11),
            (65_536, 700, 60_848, 1),
        ])
    func aHandfulOfAccountsIsNotEnough(limit: Int, greedy: Int, taken: Int, left: Int) {
        var shares = Shares(limit: limit)
        for id in 0..<greedy { _ = Self.takeAll(Self.user(1_000 + UInt32(id)), of: &shares) }
        #expect(shares.total == taken)
        #expect(Self.takeAll(Self.user(7), of: &shares) == left)
    }

    @Test func whatIsGivenBackCanBeHadAgain() {
        var shares = Shares(limit: 4_096)
        let mine = Self.takeAll(Self.user(1), of: &shares)
        let yours = Self.takeAll(Self.user(2), of: &shares)
        for _ in 0..<mine { shares.remove(Self.user(1)) }
        for _ in 0..<yours { shares.remove(Self.user(2)) }
        #expect(shares.total == 0)
        #expect(Self.takeAll(Self.user(2), of: &shares) == mine)
        shares.removeAll()
        #expect(Self.takeAll(Self.user(2), of: &shares) == mine)
    }

    @Test func manyIdsOfOnePersonAreOneAccount() {
        var shares = Shares(limit: 4_096)
        var taken = 0
        for id: UInt32 in 0..<100 {
            taken += Self.takeAll(Opener(thread: 1, userID: 100_000 + id, account: .user(1_000)), of: &shares)
        }
        // The same as the person without them, and nothing more as himself.
        #expect(taken == 480)
        #expect(!shares.hasRoom(for: Self.user(1_000)))
        #expect(Self.takeAll(Self.user(1_001), of: &shares) == 368)
    }

    @Test func aControlGroupHasTheShareOfAnAccount() {
        var shares = Shares(limit: 4_096)
        var taken = 0
        for id: UInt32 in 0..<100 { taken += Self.takeAll(Self.user(id, in: "/a.scope"), of: &shares) }
        #expect(taken == 480)
        // The ids are not used up elsewhere, and another group has its own share.
        #expect(Self.takeAll(Self.user(99, in: "/b.scope"), of: &shares) == 368)
        #expect(Self.takeAll(Self.user(100), of: &shares) == 292)
        // To leave the group is not to leave the account.
        #expect(!shares.hasRoom(for: Self.user(99, in: "/c.scope")))
    }

    @Test func userZeroWithoutRightsIsAUserAsAnyOther() {
        var shares = Shares(limit: 4_096)
        #expect(Self.takeAll(Self.user(0), of: &shares) == 480)
        #expect(shares.hasRoom(for: Self.root))
    }

    @Test("the privileged have room within the reserve, and a newcomer has some", arguments: 0..<10 as Range<UInt64>)
    func sequence(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let limit = [40, 300, 4_096].randomElement(using: &random)!
        let reserve = Shares.reserve(of: limit)
        var shares = Shares(limit: limit)
        var held: [Opener] = []
        var privileged = 0
        for _ in 0..<5_000 {
            if Int.random(in: 0..<3, using: &random) == 0, !held.isEmpty {
                let opener = held.remove(at: Int.random(in: held.indices, using: &random))
                shares.remove(opener)
                if opener == Self.root { privileged -= 1 }
            } else {
                let group = ["/a", "/b", nil].randomElement(using: &random)!
                let isRoot = Int.random(in: 0..<20, using: &random) == 0
                let opener = isRoot ? Self.root : Self.user(.random(in: 1...30, using: &random), in: group)
                guard shares.hasRoom(for: opener) else { continue }
                shares.add(opener)
                held.append(opener)
                if isRoot { privileged += 1 }
            }
            #expect(shares.total == held.count)
            #expect(held.count - privileged <= limit - reserve)
            #expect(shares.hasRoom(for: Self.root) == (held.count < limit))
            #expect(shares.hasRoom(for: Self.user(99)) == (held.count < limit - reserve))
        }
        let largest =
            Dictionary(grouping: held.filter { $0 != Self.root }, by: \.account).values.map(\.count).max() ?? 0
        #expect(8 * (largest - 1) < limit - reserve)
    }
}

/// The registry keeps both kinds of shares.
struct RegistryShareTests {
    @Test func watchersAreShared() throws {
        var registry = GenerationRegistry(limits: Limits(watchers: 256))
        func openAll(_ opener: Opener) -> [WatcherID] {
            var opened: [WatcherID] = []
            while let watcher = try? registry.opened(by: opener) { opened.append(watcher) }
            return opened
        }
        let greedy = openAll(Opener(thread: 1, userID: 1_000))
        #expect(greedy.count == 30)
        #expect(openAll(Opener(thread: 1, userID: 100_000, account: .user(1_000))).isEmpty)
        #expect(openAll(Opener(thread: 1, userID: 1_001)).count == 23)
        #expect(openAll(.anyone).count == 256 - 53)
        for watcher in greedy { _ = registry.closed(watcher) }
        #expect(openAll(Opener(thread: 1, userID: 1_002)).count == 1)
    }

    @Test func parkedRequestsAreSharedToo() throws {
        let limits = Limits(watchers: 156, parkedPerWatcher: 100)
        var registry = GenerationRegistry(limits: limits)
        var request: UInt64 = 0
        func parkAll(_ watchers: [WatcherID]) -> Int {
            var count = 0
            for watcher in watchers {
                while true {
                    request += 1
                    let step = registry.read(watcher, count: 4, parkingAs: RequestID(rawValue: request))
                    guard step.answer == .parked else { break }
                    count += 1
                }
            }
            return count
        }
        let mine = try (0..<3).map { id in
            try registry.opened(by: Opener(thread: 1, userID: 100_000 + id, account: .user(1_000)))
        }
        let yours = try registry.opened(by: Opener(thread: 2, userID: 1_001))
        let roots = try (0..<3).map { _ in try registry.opened(by: .anyone) }
        #expect(limits.parked == 256)
        #expect(parkAll(mine) == 30)
        #expect(parkAll([yours]) == 23)
        #expect(parkAll(roots) == 203)
        registry.bump()
        for watcher in mine + [yours] { _ = registry.acknowledge(watcher) }
        #expect(parkAll([yours]) == 30)
        _ = registry.closed(yours)
        #expect(parkAll(mine) == 30)
    }

    @Test func whatASuccessorContinuesIsCountedForTheSame() throws {
        var registry = GenerationRegistry(limits: Limits(watchers: 256))
        let opener = Opener(thread: 1, userID: 100_000, account: .user(1_000), group: .controlGroup("/a".utf8))
        while (try? registry.opened(by: opener)) != nil {}
        var successor = GenerationRegistry(
            continuing: registry.record, limits: registry.limits, watchers: registry.handedSlots)
        #expect(throws: Refusal.tooManyWatchers) { try successor.opened(by: Opener(thread: 2, userID: 1_000)) }
        let neighbour = Opener(thread: 2, userID: 1_001, group: .controlGroup("/a".utf8))
        #expect(throws: Refusal.tooManyWatchers) { try successor.opened(by: neighbour) }
        _ = try successor.opened(by: Opener(thread: 2, userID: 1_001))
    }
}

struct AccountTests {
    @Test func noTwoKindsAreTheSame() {
        let all: [Account] = [
            .privileged, .user(0), .user(.max), .namespace(0), .namespace(.max), .controlGroup("".utf8),
            .controlGroup("/a".utf8),
        ]
        #expect(Set(all).count == all.count)
        #expect(all.allSatisfy { Account(rawValue: $0.rawValue) == $0 && $0.rawValue != 0 })
        #expect(all.filter(\.isControlGroup).count == 2)
    }

    @Test(arguments: [0, 1, 1 << 56 | 1 << 32, 2 << 56 | 1 << 40, 4 << 56 | 1, 5 << 56, .max] as [UInt64])
    func whatIsNoneIsNotTakenForOne(word: UInt64) {
        #expect(Account(rawValue: word) == nil)
    }
}
