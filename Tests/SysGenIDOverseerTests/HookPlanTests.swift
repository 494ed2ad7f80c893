import Testing

@testable import SysGenIDOverseer

@Suite("HookPlan")
struct HookPlanTests {
    private func plan(
        _ own: [String: HookPlan.Listing.Kind], _ shipped: [String: HookPlan.Listing.Kind] = [:]
    ) -> HookPlan {
        HookPlan([.init(path: "/etc", entries: own), .init(path: "/usr", entries: shipped)])
    }

    @Test("hooks of both directories are run in the order of their names")
    func order() {
        let plan = plan(["50-b": .runnable, "10-z": .runnable], ["50-a": .runnable, "99-a": .runnable])
        #expect(plan.hooks.map(\.path) == ["/etc/10-z", "/usr/50-a", "/etc/50-b", "/usr/99-a"])
        #expect(plan.passedOver == [])
    }

    @Test("the same name in the first directory takes the place of the other")
    func precedence() {
        #expect(plan(["50-a": .runnable], ["50-a": .runnable]).hooks.map(\.path) == ["/etc/50-a"])
        #expect(plan(["50-a": .runnable], ["50-a": .mask]).hooks.map(\.path) == ["/etc/50-a"])
        #expect(plan(["50-a": .runnable], ["50-a": .refused("why")]).hooks == [Hook(name: "50-a", path: "/etc/50-a")])
    }

    @Test("one that is masked is not run, whichever directory has it")
    func masks() {
        #expect(plan(["50-a": .mask], ["50-a": .runnable]).hooks == [])
        #expect(plan([:], ["50-a": .mask]).hooks == [])
    }

    @Test("one that must not be run stays in the plan, so that it is told of")
    func refusals() {
        let plan = plan(["50-a": .refused("why")], ["50-a": .runnable])
        #expect(plan.hooks == [Hook(name: "50-a", path: "/etc/50-a", objection: "why")])
    }

    @Test("a directory that must not be used is a hook that must not be run, before all others")
    func directories() {
        let plan = HookPlan([
            .init(path: "/etc", objection: "why"), .init(path: "/usr", entries: ["00-a": .runnable]),
        ])
        #expect(plan.hooks.map(\.name) == ["/etc", "00-a"])
        #expect(plan.hooks.map(\.objection) == ["why", nil])
    }

    @Test("what has no name of a hook is passed over")
    func names() {
        let names = [
            "README", "5-a", "050-a", "50_a", "50-", "50-a~", "50-a b", "50-ä", ".50-a", "50-a.dpkg-old",
            "50-a.rpmsave",
            "50-a\n", "50-" + String(repeating: "a", count: 62),
        ]
        for name in names {
            #expect(plan([name: .runnable], ["50-a": .runnable]).hooks.map(\.name) == ["50-a"])
            #expect(plan([name: .runnable]).passedOver == ["/etc/\(name)"])
        }
        for name in ["00-a", "99-Z_9.sh", "50-machine-id", "50-a.optional", "50-" + String(repeating: "a", count: 61)] {
            #expect(plan([name: .runnable]).hooks.map(\.name) == [name])
        }
    }

    @Test("its name says whether it is optional")
    func optional() {
        #expect(Hook("50-a.optional").isOptional)
        #expect(!Hook("50-a").isOptional && !Hook("50-optional").isOptional)
    }
}
