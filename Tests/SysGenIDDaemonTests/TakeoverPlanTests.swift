import SysGenIDCore
import SysGenIDFrontends
import Testing

@testable import SysGenIDDaemon

/// What becomes of what a predecessor has left, by what was found.
struct TakeoverPlanTests {
    typealias Kinds = Set<FrontendKind>
    typealias Action = TakeoverPlan.Action

    static let node = FrontendKind.characterDevice
    static let file = FrontendKind.counterFile
    static let directory = FrontendKind.deviceDirectory
    static let all = Kinds(FrontendKind.allCases)

    /// One situation, and what is to be done in it. Where nothing else is said all that was connected goes on.
    struct Situation: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var unreadable: String?
        var served = "/dev/sysgenid"
        var connected = all
        var connections: Kinds?
        var wanted = all
        var disagreements: [FrontendKind: [String]] = [:]
        var open: [UInt64] = []
        var containers: [UInt64]? = []
        var reachable = all
        var before: [Action]
        var after: [Action]

        var plan: TakeoverPlan {
            let contents = TakeoverFindings.Contents(
                device: served, connected: connected, openContainers: Set(open.map(DeviceID.init(rawValue:))),
                disagreements: { disagreements[$0] ?? [] })
            return TakeoverPlan(
                TakeoverFindings(
                    memory: unreadable.map { .unreadable($0) } ?? .read(contents),
                    connections: connections ?? connected, device: "/dev/sysgenid", wanted: wanted,
                    containers: containers.map { Set($0.map(DeviceID.init(rawValue:))) }))
        }
    }

    static let situations = [
        Situation(
            testDescription: "all goes on",
            before: [.holdFile, .keepOnly(all)], after: [.keepOnly(all), .letGoOfFile, .takeOver]),
        Situation(
            testDescription: "the memory cannot be read", unreadable: "it is none",
            before: [.tell(.startingAfresh("it is none")), .end(node), .end(file), .end(directory)],
            after: [.startAfresh]),
        Situation(
            testDescription: "the memory cannot be read, and only one connection is left", unreadable: "it is none",
            connections: [file], before: [.tell(.startingAfresh("it is none")), .end(file)], after: [.startAfresh]),
        Situation(
            testDescription: "it served elsewhere", served: "/dev/other", connected: [node, file],
            before: [.tell(.startingAfresh("it served /dev/other")), .end(node), .end(file)], after: [.startAfresh]),
        Situation(
            testDescription: "the file stays while the node below it ends", connected: [node, file],
            wanted: [file, directory], reachable: [file],
            before: [.holdFile, .keepOnly([file]), .end(node)], after: [.keepOnly([file]), .letGoOfFile, .takeOver]),
        Situation(
            testDescription: "the node alone is wanted", wanted: [node], reachable: [node],
            before: [.keepOnly([node]), .end(file), .end(directory)], after: [.keepOnly([node]), .takeOver]),
        Situation(
            testDescription: "nothing is wanted", wanted: [], reachable: [],
            before: [.keepOnly([]), .end(node), .end(file), .end(directory)],
            after: [
                .keepOnly([]), .keepOnly([]), .tell(.startingAfresh("nothing that it served is left")), .startAfresh,
            ]),
        Situation(
            testDescription: "something else was agreed on", connected: [node, file],
            disagreements: [file: ["max_write", "flags"]], reachable: [node],
            before: [
                .tell(.disagreement(file, ["max_write", "flags"])), .keepOnly([node]), .end(file),
            ], after: [.keepOnly([node]), .takeOver]),
        Situation(
            testDescription: "something else was agreed on with what is not wanted", connected: [node, file],
            wanted: [node], disagreements: [file: ["flags"]], reachable: [node],
            before: [.keepOnly([node]), .end(file)], after: [.keepOnly([node]), .takeOver]),
        Situation(
            testDescription: "the containers' devices that are open are known", connected: [file, directory],
            open: [3, 5], containers: [3, 4, 5], reachable: [file, directory],
            before: [.holdFile, .keepOnly([file, directory])],
            after: [.keepOnly([file, directory]), .letGoOfFile, .takeOver]),
        Situation(
            testDescription: "some of them are not", connected: [file, directory],
            open: [3, 5, 6], containers: [3, 4], reachable: [file],
            before: [.tell(.containersMissing(2)), .holdFile, .keepOnly([file]), .end(directory)],
            after: [.keepOnly([file]), .letGoOfFile, .takeOver]),
        Situation(
            testDescription: "their table cannot be read", connected: [file, directory], containers: nil,
            reachable: [file], before: [.holdFile, .keepOnly([file]), .end(directory)],
            after: [.keepOnly([file]), .letGoOfFile, .takeOver]),
        Situation(
            testDescription: "the table does not matter where something else was agreed on",
            connected: [file, directory], disagreements: [directory: ["flags"]], containers: nil, reachable: [file],
            before: [
                .tell(.disagreement(directory, ["flags"])), .holdFile, .keepOnly([file]), .end(directory),
            ], after: [.keepOnly([file]), .letGoOfFile, .takeOver]),
        Situation(
            testDescription: "the file cannot be reached", connected: [node, file], reachable: [node],
            before: [.holdFile, .keepOnly([node, file])],
            after: [.keepOnly([node]), .end(file), .letGoOfFile, .takeOver]),
        Situation(
            testDescription: "a connection is missing", connected: [node, file], connections: [node],
            reachable: [node], before: [.holdFile, .keepOnly([node, file])],
            after: [.keepOnly([node]), .letGoOfFile, .takeOver]),
        Situation(
            testDescription: "a connection is not in the memory", connected: [file], connections: [node, file],
            reachable: [file], before: [.holdFile, .keepOnly([file]), .end(node)],
            after: [.keepOnly([file]), .letGoOfFile, .takeOver]),
        Situation(
            testDescription: "the directory alone is left", reachable: [directory],
            before: [.holdFile, .keepOnly(all)],
            after: [
                .keepOnly([directory]), .end(node), .end(file), .letGoOfFile, .keepOnly([]), .end(directory),
                .tell(.startingAfresh("nothing that it served is left")), .startAfresh,
            ]),
    ]

    @Test(arguments: situations) func whatIsDone(_ situation: Situation) {
        let plan = situation.plan
        #expect(plan.path == situation.served)
        #expect(plan.actionsBeforeLook == situation.before)
        #expect(plan.actions(afterSeeing: situation.reachable) == situation.after)
    }

    @Test func withoutAPredecessorThereIsNothingToSay() {
        let plan = TakeoverPlan(
            TakeoverFindings(
                memory: .none, connections: [], device: "/dev/sysgenid", wanted: Self.all, containers: []))
        #expect(plan.path == "/dev/sysgenid")
        #expect(plan.actionsBeforeLook == [])
        #expect(plan.actions(afterSeeing: []) == [.startAfresh])
    }

    @Test func whatIsNotWantedIsNotAskedForWhatWasAgreedOn() {
        _ = TakeoverPlan(
            TakeoverFindings(
                memory: .read(
                    TakeoverFindings.Contents(
                        device: "/dev/sysgenid", connected: Self.all, openContainers: [],
                        disagreements: { kind in
                            #expect(kind == .counterFile)
                            return []
                        })), connections: Self.all, device: "/dev/sysgenid", wanted: [.counterFile], containers: []))
    }

    private static let subsets = (0..<8).map { bits in
        Kinds(FrontendKind.allCases.filter { bits & 1 << $0.rawValue != 0 })
    }

    /// Whatever was found: what goes on was wanted, connected and reachable, and all other connections end, each once.
    @Test(arguments: subsets, subsets) func eachConnectionGoesOnOrEnds(_ connected: Kinds, _ wanted: Kinds) {
        for connections in Self.subsets {
            for seen in Self.subsets {
                let situation = Situation(
                    testDescription: "", connected: connected, connections: connections, wanted: wanted, before: [],
                    after: [])
                let plan = situation.plan
                let reachable = seen.intersection(plan.candidates).intersection(connections)
                let actions = plan.actionsBeforeLook + plan.actions(afterSeeing: reachable)
                let ended = actions.compactMap { if case .end(let kind) = $0 { kind } else { nil } }
                let kept = actions.compactMap { if case .keepOnly(let kinds) = $0 { kinds } else { nil } }.last
                let goingOn = actions.last == .takeOver ? reachable : []
                #expect(kept == goingOn)
                #expect(goingOn.isSubset(of: connected.intersection(wanted)))
                #expect(Set(ended) == connections.subtracting(goingOn) && ended.count == Set(ended).count)
                #expect(actions.contains(.holdFile) == actions.contains(.letGoOfFile))
                #expect([.takeOver, .startAfresh].contains(actions.last))
            }
        }
    }

    @Test func whatIsToldNamesTheFrontendAndTheReason() {
        let lines: [(TakeoverNews, String)] = [
            (.startingAfresh("why"), "error: cannot take over from the predecessor: why; starting afresh"),
            (
                .disagreement(.counterFile, ["a", "b"]),
                "warning: the predecessor has agreed with the kernel on something else (a, b) than this version does: "
                    + "sysgenid-fuse is started afresh, and what is open ends with an error"
            ),
            (
                .containersMissing(2),
                "error: 2 containers' devices that are open are not in their table: what is open ends with an error"
            ),
        ]
        for (news, line) in lines { #expect("\(news.level): \(news)" == line) }
    }
}
