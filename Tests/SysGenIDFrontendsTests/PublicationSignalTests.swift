import SysGenIDSystem
import Testing

@testable import SysGenIDFrontends

/// What the main thread is woken by, so that it publishes.
struct PublicationSignalTests {
    private let played: PlayedService
    private var service: GenerationService { played.service }

    init() throws {
        played = try PlayedService()
    }

    /// Waits until something is to be published, and says whether the generation is among it, which comes first.
    private func isChanged() -> Bool? {
        guard waitUntilReadable([service.censusSignal.descriptor], milliseconds: 60_000).isEmpty == false else {
            return nil
        }
        service.censusSignal.clear()
        defer { service.changeSignal.clear() }
        return !waitUntilReadable([service.changeSignal.descriptor], milliseconds: 0).isEmpty
    }

    @Test func aChangeIsToBePublishedBeforeWhatBelongsToIt() {
        played.trigger()
        #expect(isChanged() == true)
        #expect(waitUntilReadable([service.changeSignal.descriptor], milliseconds: 0).isEmpty)
        #expect(played.identify(1) == .adopted && played.identify(2) == .resumed)
        #expect(isChanged() == true)
    }

    @Test func whoComesAndGoesIsPublishedAndIsNoChange() throws {
        let watcher = try played.open()
        #expect(isChanged() == false)
        service.closed(watcher)
        #expect(isChanged() == false)
    }

    @Test func anIdentityThatIsKnownOrAdoptedIsNothingToPublish() throws {
        #expect(played.identify(1) == .adopted && played.identify(1) == .known)
        // Set later and for longer: what was raised before is readable by then.
        let later = try DelayedSignal(delay: 100_000_000)
        later.raise()
        #expect(waitUntilReadable([later.descriptor], milliseconds: 60_000).count == 1)
        let descriptors = [service.censusSignal.descriptor, service.changeSignal.descriptor]
        #expect(waitUntilReadable(descriptors, milliseconds: 0).isEmpty)
    }
}
