internal import SysGenIDCore
internal import SysGenIDFrontends

/// What becomes of what a predecessor has left: what goes on, what is ended, what is begun anew, and in which order. It is
/// decided here, and done by `Takeover`.
///
/// There are two steps, with a look at the system between: whether a frontend can be reached is known only when those that
/// do not go on have been ended, and where a mount is missing the look makes it again.
struct TakeoverPlan {
    enum Action: Hashable {
        case tell(TakeoverNews)
        /// What belongs to other frontends is dropped in the memory.
        case keepOnly(Set<FrontendKind>)
        /// The frontend's connection ends, and what is at its path is taken away.
        case end(FrontendKind)
        /// From here on the kernel does not take the file away together with the node that it covers.
        case holdFile
        case letGoOfFile
        /// What is left goes on.
        case takeOver
        /// Nothing goes on.
        case startAfresh
    }

    /// Where the predecessor has served the device, as far as that can be read.
    let path: String
    /// The frontends that go on if they can be reached, which is to be looked at.
    let candidates: Set<FrontendKind>
    /// Whether the memory can be gone on with.
    let isMemoryOfUse: Bool
    /// What is to be done before the look.
    let actionsBeforeLook: [Action]
    private let connections: Set<FrontendKind>

    init(_ found: TakeoverFindings) {
        let obstacle = found.obstacle
        let contents = obstacle == nil ? found.contents : nil
        var candidates: Set<FrontendKind> = []
        var actions: [Action] = [obstacle].compactMap(\.self).map { .tell(.startingAfresh($0)) }
        for kind in FrontendKind.allCases where contents?.connected.contains(kind) == true {
            switch found.verdict(on: kind) {
            case .mayGoOn: candidates.insert(kind)
            case .ends(let news?): actions.append(.tell(news))
            case .ends(nil): break
            }
        }
        if candidates.contains(.counterFile) { actions.append(.holdFile) }
        if contents != nil { actions.append(.keepOnly(candidates)) }
        actionsBeforeLook = actions + Self.ends(of: found.connections.subtracting(candidates))
        path = found.contents?.device ?? found.device
        isMemoryOfUse = contents != nil
        connections = found.connections.intersection(candidates)
        self.candidates = candidates
    }

    /// What is to be done after the look.
    ///
    /// - Parameter reachable: the candidates that were found to be reachable.
    func actions(afterSeeing reachable: Set<FrontendKind>) -> [Action] {
        guard isMemoryOfUse else { return [.startAfresh] }
        var actions = [.keepOnly(reachable)] + Self.ends(of: connections.subtracting(reachable))
        if candidates.contains(.counterFile) { actions.append(.letGoOfFile) }
        // The directory of devices alone is no device.
        guard reachable.isSubset(of: [.deviceDirectory]) else { return actions + [.takeOver] }
        let news = TakeoverNews.startingAfresh("nothing that it served is left")
        return actions + [.keepOnly([])] + Self.ends(of: reachable) + [.tell(news), .startAfresh]
    }

    private static func ends(of kinds: Set<FrontendKind>) -> [Action] {
        FrontendKind.allCases.filter(kinds.contains).map(Action.end)
    }
}

/// What was found of a predecessor.
struct TakeoverFindings {
    var memory: Memory
    /// The frontends whose connections are there.
    var connections: Set<FrontendKind>
    /// Where this daemon serves the device.
    var device: String
    /// The frontends that this daemon is to have.
    var wanted: Set<FrontendKind>
    /// The devices of containers that are in their table; nil where that cannot be read.
    var containers: Set<DeviceID>?

    enum Memory {
        /// There is no predecessor.
        case none
        /// The reason, in a few words.
        case unreadable(String)
        case read(Contents)
    }

    /// See `Inheritance`.
    struct Contents {
        var device: String
        var connected: Set<FrontendKind>
        var openContainers: Set<DeviceID>
        /// To be asked only of frontends that are wanted: the answer takes a session.
        var disagreements: (FrontendKind) -> [String]
    }

    enum Verdict: Hashable {
        case mayGoOn
        /// What there is to say of it besides that it ends.
        case ends(TakeoverNews?)
    }

    var contents: Contents? { if case .read(let contents) = memory { contents } else { nil } }

    /// Why nothing goes on; nil where there is nothing to go on with, either.
    var obstacle: String? {
        switch memory {
        case .none: nil
        case .unreadable(let reason): reason
        case .read(let contents): contents.device == device ? nil : "it served \(contents.device)"
        }
    }

    /// Whether a frontend that was connected may go on.
    func verdict(on kind: FrontendKind) -> Verdict {
        guard let contents, wanted.contains(kind) else { return .ends(nil) }
        // What was agreed on holds for the life of the connection.
        let differences = contents.disagreements(kind)
        guard differences.isEmpty else { return .ends(.disagreement(kind, differences)) }
        return kind == .deviceDirectory ? verdict(onContainersOf: contents) : .mayGoOn
    }

    /// What clients have open in the directory of devices has to be known still. Else they would be told of generations that
    /// are not those of their devices.
    private func verdict(onContainersOf contents: Contents) -> Verdict {
        // That the table cannot be read is told where it is begun anew.
        guard let containers else { return .ends(nil) }
        let missing = contents.openContainers.subtracting(containers)
        return missing.isEmpty ? .mayGoOn : .ends(.containersMissing(missing.count))
    }
}
