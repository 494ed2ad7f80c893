import SysGenIDCore
import Testing

@testable import SysGenIDDaemon

/// What is loaded in each case of two slots and a published generation. The newest record has generation 5, the one
/// before it 9, since the counter has started again.
struct StateCaseTests {
    private typealias Slot = StateCase.Slot

    private static let published: [UInt32?] = [nil, 3, 5, 9, 12]
    private static let newest = StateFixture.record(5)
    private static let before = StateFixture.record(9)

    private enum Loaded { case newest, fresh, damaged(String) }

    private static let missing = Loaded.damaged("its newest record is missing")
    private static let version = Loaded.damaged("its version is 3, and only version 2 can be read")
    private static let broken = Loaded.damaged("its records are broken")
    private static let blank = Loaded.damaged("its records are missing")

    /// Both slots, in any order, and what is loaded with each of what may be published.
    private static let cases: [(Slot, Slot, loaded: [Loaded])] = [
        (.record, .record, [.newest, .newest, .newest, .newest, missing]),
        (.record, .earlierBoot, [.newest, .newest, .newest, missing, missing]),
        (.record, .otherVersion, [.newest, .newest, .newest, missing, missing]),
        (.record, .broken, [.newest, .newest, .newest, missing, missing]),
        (.record, .blank, [.newest, .newest, .newest, missing, missing]),
        (.earlierBoot, .earlierBoot, [.fresh, .fresh, .fresh, .fresh, .fresh]),
        (.earlierBoot, .otherVersion, [.fresh, .fresh, .fresh, .fresh, .fresh]),
        (.earlierBoot, .broken, [.fresh, .fresh, .fresh, .fresh, .fresh]),
        (.earlierBoot, .blank, [.fresh, .fresh, .fresh, .fresh, .fresh]),
        (.otherVersion, .otherVersion, [version, version, version, version, version]),
        (.otherVersion, .broken, [version, version, version, version, version]),
        (.otherVersion, .blank, [version, version, version, version, version]),
        (.broken, .broken, [broken, broken, broken, broken, broken]),
        (.broken, .blank, [broken, broken, broken, broken, broken]),
        (.blank, .blank, [.fresh, blank, blank, blank, blank]),
    ]

    private static let boot = BootID(bytes: 1...16)

    private static func bytes(_ slot: Slot, _ record: Record, sequence: UInt64) -> [UInt8] {
        let boot = slot == .earlierBoot ? BootID(bytes: 2...17) : boot
        var bytes = StateSlot(sequence: sequence, bootID: boot, record: record).encoded
        switch slot {
        case .record, .earlierBoot: break
        case .otherVersion: bytes[8] = 3
        case .broken: bytes[127] ^= 1
        case .blank: bytes = [UInt8](repeating: 0, count: bytes.count)
        }
        return bytes
    }

    @Test func eachCaseLoadsWhatItsTableSays() {
        var seen: Set<[Slot]> = []
        for (one, other, loaded) in Self.cases {
            seen.formUnion([[one, other], [other, one]])
            // The newest record is that of the slot `one`.
            let newest = Self.bytes(one, Self.newest, sequence: 8)
            let before = Self.bytes(other, Self.before, sequence: 7)
            for (published, expected) in zip(Self.published, loaded) {
                let generation = published.map(Generation.init(rawValue:))
                for (place, bytes) in [newest + before, before + newest].enumerated() {
                    check(
                        StateContents(bytes, bootID: Self.boot, published: generation), expected, generation,
                        newestAt: place, "\(one) and \(other), \(published.map(String.init) ?? "nothing") published")
                }
            }
        }
        #expect(seen.count == Slot.allCases.count * Slot.allCases.count)
    }

    private func check(
        _ contents: StateContents, _ expected: Loaded, _ published: Generation?, newestAt place: Int, _ remark: Comment
    ) {
        switch expected {
        case .newest:
            #expect(contents.finding == .record(Self.newest), remark)
            #expect(contents.next.slot == 1 - place && contents.next.sequence == 9, remark)
            #expect(contents.replacement == nil, remark)
            return
        case .fresh: #expect(contents.finding == .fresh, remark)
        case .damaged(let reason):
            let record = Record(generation: published ?? .fresh)
            #expect(contents.finding == .damaged(reason: reason, continuing: record), remark)
        }
        // The file is begun anew.
        #expect(contents.next.slot == 1 && contents.next.sequence == 2, remark)
        let first = StateSlot(sequence: 1, bootID: Self.boot, record: contents.finding.record).encoded
        #expect(contents.replacement == first + [UInt8](repeating: 0, count: StateSlot.size), remark)
    }

    @Test func theTableHasEachCaseThatThereCanBe() {
        for slot in Slot.allCases {
            for published in StateCase.Published.allCases {
                let canBe = slot == .record || published != .recorded
                #expect((StateCase.outcomes[slot]?[published] != nil) == canBe, "\(slot), \(published)")
            }
        }
    }
}
