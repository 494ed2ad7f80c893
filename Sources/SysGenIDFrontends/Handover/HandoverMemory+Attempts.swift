// How often successors have begun to continue in vain, and over which request.

extension HandoverMemory {
    /// A successor begins to continue.
    ///
    /// - Parameter isExplained: whether the end of its predecessor is laid to a request.
    func begin(isExplained: Bool) {
        let attempts = isExplained ? 0 : memory.load(UInt32.self, at: Layout.Header.attempts) &+ 1
        memory.store(attempts, at: Layout.Header.attempts)
    }

    /// The successor has served something: so it is not what it continues with that ends one after the other.
    func getOn() {
        memory.store(UInt32(0), at: Layout.Header.attempts)
    }

    /// Lays the end of the predecessor to the request that it was serving then, once.
    ///
    /// - Returns: how many daemons in a row have ended over the same request by now; nil where there is none to blame.
    func blame(_ key: RequestKey, of kind: FrontendKind) -> UInt32? {
        let served = Layout.Served.offset(of: kind)
        guard memory.load(UInt32.self, at: served + Layout.Served.isBlamed) == 0 else { return nil }
        let block = Layout.Frontend.offset(of: kind)
        let isKnown = memory.load(UInt64.self, at: block + Layout.Frontend.suspect) == key.rawValue
        let suspicions = isKnown ? memory.load(UInt32.self, at: block + Layout.Frontend.suspicions) &+ 1 : 1
        memory.store(key.rawValue, at: block + Layout.Frontend.suspect)
        memory.store(suspicions, at: block + Layout.Frontend.suspicions)
        memory.store(UInt32(1), at: served + Layout.Served.isBlamed)
        return suspicions
    }

    /// All that was left unanswered is served, or was dropped.
    func acquit(_ kind: FrontendKind) {
        memory.store(UInt64(0), at: Layout.Frontend.offset(of: kind) + Layout.Frontend.suspect)
    }
}
