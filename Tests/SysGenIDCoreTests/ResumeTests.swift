import StateModel
import Testing

@testable import SysGenIDCore

struct ResumeTests {
    var registry = GenerationRegistry()

    static let first = Identity(domain: .vmGenerationID, high: 1, low: 1)
    static let second = Identity(domain: .vmGenerationID, high: 1, low: 2)
    static let third = Identity(domain: .vmGenerationID, high: 2, low: 1)
    static let elsewhere = Identity(domain: Identity.Domain("file:/identity"), high: 1, low: 2)

    private static func line(_ number: UInt64) -> Identity { Identity(domain: .kernelLog, high: 0, low: number) }

    @Test mutating func theFirstIdentityIsAdopted() {
        let step = registry.identify(Self.first)
        #expect(step.commit == .identities(Record(generation: 0, identities: [Self.first])))
        #expect(step.effects == [.reportAdoption])
        #expect(registry.current == .fresh)
        #expect(registry.identities == [Self.first])
    }

    @Test mutating func anotherIdentityIsOneChangeHoweverOftenItIsAnnounced() {
        _ = registry.identify(Self.first)
        let step = registry.identify(Self.second)
        #expect(step == Step(.done, commit: .change(Record(generation: 1, identities: [Self.second]))))
        for _ in 0..<5 { #expect(registry.identify(Self.second) == Step(.done)) }
        #expect(registry.current == 1)
    }

    @Test(arguments: [Self.second, Self.third])
    mutating func eachHalfOfTheIdentityCounts(identity: Identity) {
        _ = registry.identify(Self.first)
        #expect(registry.identities.recognition(of: identity) == .resumed)
        #expect(registry.identify(identity).publishedGeneration == 1)
        #expect(registry.identities.recognition(of: identity) == .known)
    }

    @Test mutating func goingBackToAnEarlierIdentityIsAChange() {
        _ = registry.identify(Self.first)
        _ = registry.identify(Self.second)
        #expect(registry.identify(Self.first).publishedGeneration == 2)
    }

    @Test mutating func theFirstIdentityOfAnotherDomainIsAdopted() {
        _ = registry.identify(Self.first)
        #expect(registry.identities.recognition(of: Self.elsewhere) == .adopted)
        let step = registry.identify(Self.elsewhere)
        let both: KnownIdentities = [Self.first, Self.elsewhere]
        #expect(step == Step(.done, commit: .identities(Record(generation: 0, identities: both))))
        #expect(registry.current == .fresh)
    }

    @Test mutating func aSuccessorDoesNotTakeTheKnownIdentityForAResume() {
        _ = registry.identify(Self.first)
        _ = registry.identify(Self.second)
        var successor = GenerationRegistry(continuing: registry.record)
        #expect(successor.identify(Self.second) == Step(.done))
        #expect(successor.current == 1)
        #expect(successor.identify(Self.first).publishedGeneration == 2)
    }

    @Test mutating func aRememberedIdentityIsNoChangeUntilItDecides() {
        _ = registry.identify(Self.first)
        #expect(registry.remembered(Self.line(4)).commit == .identities(registry.record))
        #expect(registry.remembered(Self.line(4)) == Step(.done))
        #expect(registry.remembered(Self.line(7)).publishedGeneration == nil)
        // The better source is gone, and nothing has happened since.
        #expect(registry.identify(Self.line(7)) == Step(.done))
        #expect(registry.identify(Self.line(8)).publishedGeneration == 1)
    }

    @Test mutating func aResumeThatTheBetterSourceDoesNotSurviveIsOneChange() {
        _ = registry.identify(Self.first)
        _ = registry.remembered(Self.elsewhere)
        // The next one decides, and it has changed.
        let other = Identity(domain: Self.elsewhere.domain, high: 9, low: 9)
        #expect(registry.identify(other).publishedGeneration == 1)
        // The better one comes back with what it had become meanwhile.
        #expect(registry.identify(Self.second).publishedGeneration == nil)
        #expect(registry.current == 1)
    }

    @Test mutating func afterAChangeOtherDomainsStartAnew() {
        _ = registry.identify(Self.first)
        _ = registry.remembered(Self.elsewhere)
        _ = registry.identify(Self.second)
        #expect(registry.identities == [Self.second])
    }

    @Test mutating func aLineThatIsGoneFromTheLogIsNoChange() {
        _ = registry.identify(Self.line(40))
        #expect(registry.identify(Self.line(0)) == Step(.done))
        #expect(registry.identify(Self.line(39)) == Step(.done))
        #expect(registry.remembered(Self.line(3)) == Step(.done))
        #expect(registry.identities == [Self.line(40)])
        #expect(registry.identify(Self.line(41)).publishedGeneration == 1)
    }

    @Test func theOldestDomainMakesRoom() {
        var identities = KnownIdentities()
        let all = (UInt64(0)..<5).map { Identity(domain: .init(rawValue: $0), high: $0, low: 0) }
        all.forEach { identities.remember($0) }
        #expect(identities.all == Array(all.suffix(KnownIdentities.limit)))
        #expect(identities[all[0].domain] == nil)
    }

    @Test mutating func aTriggerKeepsTheIdentity() {
        _ = registry.identify(Self.first)
        registry.bump()
        #expect(registry.identities == [Self.first])
        #expect(registry.identify(Self.first) == Step(.done))
    }

    @Test mutating func aResumeWakesWhoeverSleeps() {
        _ = registry.identify(Self.first)
        let watcher = registry.open()
        _ = registry.read(watcher, count: 4, parkingAs: 1)
        _ = registry.polled(watcher, mayBeNotified: true)
        let step = registry.identify(Self.second)
        #expect(step.completions == [1: .generation(1)])
        #expect(step.notifiedPolls == [watcher])
    }
}
