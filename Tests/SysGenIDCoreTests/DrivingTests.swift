import StateModel
import Testing

@testable import SysGenIDCore

/// A registry that drives the device of somebody else.
struct DrivingTests {
    private static let first = Identity(domain: .vmGenerationID, high: 1, low: 1)
    private static let second = Identity(domain: .vmGenerationID, high: 1, low: 2)
    private static let third = Identity(domain: .vmGenerationID, high: 1, low: 3)

    private static func registry(at generation: UInt32) -> GenerationRegistry {
        GenerationRegistry(continuing: Record(generation: Generation(rawValue: generation), identities: [first]))
    }

    private static func drives(in step: Step) -> [Generation] {
        step.effects.compactMap { if case .drive(let minimum) = $0 { minimum } else { nil } }
    }

    /// A registry, and what its device has at the start.
    struct Start: Sendable {
        var own: UInt32
        var device: UInt32
        var driven: [Generation]
        var published: UInt32?
    }

    @Test(
        arguments: [
            Start(own: 0, device: 0, driven: [], published: nil),
            Start(own: 7, device: 7, driven: [], published: nil),
            // A change that a predecessor has recorded, and not made.
            Start(own: 7, device: 6, driven: [7], published: nil),
            Start(own: 7, device: 0, driven: [7], published: nil),
            // Somebody else has triggered it.
            Start(own: 7, device: 8, driven: [], published: 8),
            Start(own: 0, device: .max, driven: [], published: .max),
        ])
    func theDeviceIsBroughtToTheRecordOrTheRecordToTheDevice(_ start: Start) {
        var registry = Self.registry(at: start.own)
        let step = registry.whole(registry.drives(deviceAt: Generation(rawValue: start.device)))
        #expect(Self.drives(in: step) == start.driven)
        #expect(step.publishedGeneration == start.published)
        #expect(registry.current.rawValue == max(start.own, start.device))
        #expect(registry.identities == [Self.first])
    }

    @Test func aResumeIsRecordedBeforeItIsOneTriggerWithTheOwnGenerationAsMinimum() {
        var registry = Self.registry(at: 4)
        #expect(registry.whole(registry.drives(deviceAt: 4)) == Step(.done))
        let step = registry.identify(Self.second)
        let record = Record(generation: 5, identities: [Self.second])
        #expect(step == Step(.done, commit: .change(record), [.drive(atLeast: 5)]))
        #expect(registry.whole(registry.driven(to: 5)) == Step(.done))
        #expect(registry.identify(Self.second) == Step(.done))
        #expect(Self.drives(in: registry.identify(Self.third)) == [6])
    }

    @Test func aSuccessorOfOneThatDidNotComeToTriggerDoesItOnce() {
        var registry = Self.registry(at: 4)
        _ = registry.whole(registry.drives(deviceAt: 4))
        _ = registry.identify(Self.second)
        var successor = GenerationRegistry(continuing: registry.record)
        #expect(Self.drives(in: successor.whole(successor.drives(deviceAt: 4))) == [5])
        #expect(successor.whole(successor.driven(to: 5)) == Step(.done))
        #expect(successor.identify(Self.second) == Step(.done))
    }

    @Test func whatSomebodyElseTriggersIsFollowed() {
        var registry = Self.registry(at: 4)
        _ = registry.whole(registry.drives(deviceAt: 4))
        let step = registry.whole(registry.followed(9))
        #expect(step == Step(.done, commit: .change(Record(generation: 9, identities: [Self.first]))))
        #expect(registry.whole(registry.followed(9)) == Step(.done))
        #expect(Self.drives(in: registry.identify(Self.second)) == [10])
    }

    @Test func aTriggerOfSomebodyElseDoesNotTakeThePlaceOfAResume() {
        var registry = Self.registry(at: 4)
        _ = registry.whole(registry.drives(deviceAt: 4))
        _ = registry.identify(Self.second)
        // The number that the resume is to have, before it has it; and one below it.
        #expect(registry.whole(registry.followed(5)) == Step(.done))
        #expect(registry.whole(registry.followed(3)) == Step(.done))
        #expect(registry.current == 5)
        #expect(registry.whole(registry.driven(to: 6)).publishedGeneration == 6)
        #expect(registry.whole(registry.followed(7)).publishedGeneration == 7)
    }

    @Test func aCounterThatBeginsAgainIsFollowed() {
        var registry = Self.registry(at: .max)
        _ = registry.whole(registry.drives(deviceAt: Generation.last))
        #expect(Self.drives(in: registry.identify(Self.second)) == [1])
        #expect(registry.whole(registry.driven(to: 1)) == Step(.done))
        #expect(registry.whole(registry.followed(0)).effects.contains(Effect.reportWrapAround))
    }

    @Test func aRegistryThatIsTheDeviceDrivesNone() {
        var registry = Self.registry(at: 4)
        #expect(Self.drives(in: registry.identify(Self.second)).isEmpty)
        #expect(Self.drives(in: registry.trigger(minimum: 9)).isEmpty)
    }
}
