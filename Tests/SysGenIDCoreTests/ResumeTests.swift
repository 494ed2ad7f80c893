import Testing

@testable import SysGenIDCore

struct ResumeTests {
    var registry = GenerationRegistry()

    static let first = Identity(domain: .vmGenerationID, high: 1, low: 1)
    static let second = Identity(domain: .vmGenerationID, high: 1, low: 2)
    static let third = Identity(domain: .vmGenerationID, high: 2, low: 1)
    static let elsewhere = Identity(domain: Identity.Domain("file:/identity"), high: 1, low: 2)

    @Test mutating func theFirstIdentityIsOnlyRemembered() {
        let step = registry.resumed(.identity(Self.first))
        #expect(step.effects == [.record(Record(generation: 0, identity: Self.first))])
        #expect(registry.current == .fresh)
        #expect(registry.identity == Self.first)
    }

    @Test mutating func anotherIdentityIsOneChangeHoweverOftenItIsAnnounced() {
        _ = registry.resumed(.identity(Self.first))
        let step = registry.resumed(.identity(Self.second))
        #expect(step.effects == [.publish(1), .record(Record(generation: 1, identity: Self.second))])
        for _ in 0..<5 { #expect(registry.resumed(.identity(Self.second)) == Step(.done)) }
        #expect(registry.current == 1)
    }

    @Test(arguments: [Self.second, Self.third])
    mutating func eachHalfOfTheIdentityCounts(identity: Identity) {
        _ = registry.resumed(.identity(Self.first))
        #expect(registry.resumed(.identity(identity)).publishedGenerations == [1])
    }

    @Test mutating func goingBackToAnEarlierIdentityIsAChange() {
        _ = registry.resumed(.identity(Self.first))
        _ = registry.resumed(.identity(Self.second))
        #expect(registry.resumed(.identity(Self.first)).publishedGenerations == [2])
    }

    @Test mutating func anIdentityOfAnotherDomainIsOnlyRemembered() {
        _ = registry.resumed(.identity(Self.first))
        let step = registry.resumed(.identity(Self.elsewhere))
        #expect(step.effects == [.record(Record(generation: 0, identity: Self.elsewhere))])
        #expect(registry.current == .fresh)
    }

    @Test mutating func aSuccessorDoesNotTakeTheKnownIdentityForAResume() {
        _ = registry.resumed(.identity(Self.first))
        _ = registry.resumed(.identity(Self.second))
        var successor = GenerationRegistry(continuing: registry.record)
        #expect(successor.resumed(.identity(Self.second)) == Step(.done))
        #expect(successor.current == 1)
        #expect(successor.resumed(.identity(Self.first)).publishedGenerations == [2])
    }

    @Test mutating func eachUnidentifiedResumeIsAChange() {
        for expected: UInt32 in 1...3 {
            let step = registry.resumed(.unidentified)
            #expect(step.publishedGenerations == [expected])
            #expect(step.effects.contains(.record(Record(generation: Generation(rawValue: expected)))))
        }
    }

    @Test mutating func theFirstIdentityAfterAnUnidentifiedResumeBelongsToIt() {
        _ = registry.resumed(.identity(Self.first))
        _ = registry.resumed(.unidentified)
        #expect(registry.identity == nil)
        #expect(registry.resumed(.identity(Self.second)).publishedGenerations.isEmpty)
        #expect(registry.current == 1)
        #expect(registry.resumed(.identity(Self.third)).publishedGenerations == [2])
    }

    @Test mutating func aTriggerKeepsTheIdentity() {
        _ = registry.resumed(.identity(Self.first))
        registry.bump()
        #expect(registry.identity == Self.first)
        #expect(registry.resumed(.identity(Self.first)) == Step(.done))
    }

    @Test mutating func aResumeWakesWhoeverSleeps() {
        _ = registry.resumed(.identity(Self.first))
        let watcher = registry.open()
        _ = registry.read(watcher, count: 4, parkingAs: 1)
        _ = registry.polled(watcher, mayBeNotified: true)
        let step = registry.resumed(.identity(Self.second))
        #expect(step.completions == [1: .generation(1)])
        #expect(step.notifiedPolls == [watcher])
    }
}
