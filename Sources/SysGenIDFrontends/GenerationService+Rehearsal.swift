public import SysGenIDCore
import SysGenIDSystem

extension GenerationService {
    /// Goes the way of a resume once, so that nothing on it is touched for the first time when there is one. A registry of
    /// its own takes the identity; what is stored is what is there: the page keeps its generation and the journal its
    /// record, nobody is woken or told, and the kernel is not asked to do anything.
    ///
    /// To be called by the thread that reports identities.
    public func rehearse(_ identity: Identity) {
        reseeder.rehearse(with: identity)
        let followUp = guarded.withLock { guarded in
            let current = guarded.registry.current
            // What a program has written there is put right by whoever tells of it.
            guard page.load() == current.rawValue else { return FollowUp(PagePublication()) }
            let former = Identity(domain: identity.domain, high: identity.high, low: 0)
            var played = Guarded(
                registry: GenerationRegistry(
                    continuing: Record(generation: current, identities: [former]), limits: Limits(watchers: 1)))
            _ = played.registry.identified(identity)
            var followUp = store(.change(guarded.registry.record), in: &played)
            _ = played.registry.changeStored() + played.registry.pagesStored()
            guarded.unrecorded = played.unrecorded
            (followUp.published, followUp.hasChange) = (nil, false)
            return followUp
        }
        publish(followUp)
    }
}
