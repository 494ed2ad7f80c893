extension GenerationProbe {
    /// What a probe has seen, to be compared with what it sees later, and for nothing else: what is acknowledged is the
    /// generation.
    ///
    /// Two marks of one probe are equal where nothing had changed between them when the later one was taken. Both words are
    /// kept whole, so that no change of one makes up for a change of the other.
    public struct Mark: Hashable, Sendable {
        let generation: UInt32
        /// What the hypervisor shows; 0 where it is not looked at.
        let counter: UInt64
        /// Odd where the hypervisor was still writing its page after it was waited for: that is one change when it is
        /// noticed, and another one when it is over. Else 0.
        let update: UInt32

        /// Whether the hypervisor shows a resume that the generation has not followed since the earlier mark was taken.
        ///
        /// It may never do, where no daemon runs, or where it was told not to heed the vmclock: so whoever waits for it has a
        /// limit.
        public func awaitsGeneration(since earlier: Mark) -> Bool {
            generation == earlier.generation && (counter != earlier.counter || update != 0)
        }
    }

    /// Where the kernel shows the page of a hypervisor that has a vmclock, from Linux 6.13 on.
    public static let defaultClockPath = "/dev/vmclock0"

    /// The same probe, which looks at the hypervisor's own page as well where there is one with a generation counter that
    /// this user can map; else the probe as it is.
    ///
    /// That page changes before the first instruction of a resumed machine, and the generation when the daemon has done its
    /// part, some milliseconds later. The kernel makes it for root alone; an administrator may have given it to all. It is no
    /// part of making a probe: a program that maps a device of the kernel cannot be dumped by criu(8), and a sandbox may not
    /// allow another file.
    ///
    /// - Parameter path: where the device is. What is there counts only where it is a character device of the kernel's own:
    ///   the daemon's page at its place shows nothing more than the generation.
    public func withClock(at path: String = Self.defaultClockPath) -> GenerationProbe {
        HypervisorClock(path).map { with($0) } ?? self
    }

    /// The same probe, which looks at this clock as well.
    package func with(_ clock: HypervisorClock) -> GenerationProbe {
        GenerationProbe(mapping, clock: clock)
    }

    /// The counter in the hypervisor's page, to be shown; nil where the probe does not look there.
    public var hypervisorCounter: UInt64? { clock?.counter }

    /// What both pages show, by three loads with acquire ordering: what is read after it is no older than it. Of a probe that
    /// looks at no clock it is the generation, by one load.
    ///
    /// Take a mark before something is renewed, and compare it with another one before each use, and once more behind it.
    /// One resume is seen twice, by the hypervisor's counter at once, and by the generation when the daemon has done its part.
    /// Nothing that was made before may be used from the first on. But to renew then is too early: the kernel's random
    /// generator has not been reseeded yet, and can give two clones the same. The generation says that it has been. So wait
    /// for it (`awaitsGeneration`) and renew once, or renew both times and let nothing out that was made in between. Never
    /// renew at the first time alone.
    public func mark() -> Mark {
        // The generation first: it follows the counter, so that a new one is never seen with the counter from before it.
        let generation = mapping.load()
        guard let clock else { return Mark(generation: generation, counter: 0, update: 0) }
        let update = clock.update
        return Mark(generation: generation, counter: clock.counter, update: update)
    }
}
