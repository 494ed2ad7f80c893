import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// What one person can take who has many user ids.
    @Suite struct Quotas {
        private static let limit = 400
        /// An eighth of what is not kept for root, a sixteenth.
        private static let share = 47
        /// User id 0 as a container has it.
        private static let contained = ["setpriv", "--bounding-set", "-sys_admin,-checkpoint_restore"]

        private static func becoming(_ userID: Int) -> [String] {
            ["setpriv", "--reuid", "\(userID)", "--regid", "\(userID)", "--clear-groups"]
        }

        @Test func noUserCanTakeAllThatThereIs() throws {
            let crowd = try Crowd(limit: Self.limit)
            defer { crowd.end() }
            #expect(try crowd.taken(by: Self.becoming(65_534)) == Self.share)
            #expect(try crowd.taken(by: Self.becoming(65_534)) == 0)
            #expect(try crowd.taken(by: Self.becoming(65_533)) == 36)
            #expect(try crowd.taken(by: []) == Self.limit - Self.share - 36)
            #expect(try crowd.taken(by: Self.becoming(65_532)) == 0)
            crowd.endLast(2)
            try waitUntil("room") { crowd.device.attribute("watchers") == "\(Self.share + 36)" }
            #expect(try crowd.taken(by: Self.becoming(65_532)) == 29)
        }

        @Test func twentySubordinateIDsAreOnePerson() throws {
            let crowd = try Crowd(limit: Self.limit)
            defer { crowd.end() }
            #expect(try crowd.taken(by: [], "family", 20) == Self.share)
            // Not as himself either, nor in another namespace.
            #expect(try crowd.taken(by: Self.becoming(60_000)) == 0)
            #expect(try crowd.taken(by: Self.becoming(60_000) + ["unshare", "--user"]) == 0)
            // Another user, be it one of these ids where it is nobody's, and root.
            #expect(try crowd.taken(by: Self.becoming(60_001)) == 36)
            #expect(try crowd.taken(by: Self.becoming(600_000)) == 29)
            #expect(try crowd.taken(by: [], "hold", 100) == 100)
        }

        @Test func withoutANamespaceTwentyIDsLeaveSomething() throws {
            let crowd = try Crowd(limit: Self.limit)
            defer { crowd.end() }
            var total = 0
            for id in 1...20 { total += try crowd.taken(by: Self.becoming(600_000 + id)) }
            #expect(total < Self.limit * 3 / 4)
            #expect(try crowd.taken(by: Self.becoming(60_001)) > 2)
            #expect(try crowd.taken(by: [], "hold", 50) == 50)
        }

        @Test func userZeroWithoutRightsHasAShare() throws {
            let crowd = try Crowd(limit: Self.limit)
            defer { crowd.end() }
            #expect(try crowd.taken(by: Self.contained) == Self.share)
            #expect(try crowd.taken(by: Self.contained) == 0)
            // What root has made is counted for itself.
            #expect(try crowd.taken(by: ["unshare", "--user", "--map-root-user"]) == 36)
            #expect(try crowd.taken(by: [], "hold", 100) == 100)
        }

        /// Root of a container can take any user id.
        @Test(.needsUnifiedGroups) func aContainerIsOneWhateverIDsItTakes() throws {
            let crowd = try Crowd(limit: Self.limit)
            defer { crowd.end() }
            let container = try UnifiedGroup()
            defer { container.end() }
            defer { crowd.end() }
            var total = 0
            for id in 0..<10 {
                let inside = try container.inside("user.slice/user-\(id).slice")
                total += try crowd.taken(by: Self.contained + ["--reuid", "\(id)"], in: inside)
            }
            #expect(total == Self.share)
            #expect(try crowd.taken(by: Self.becoming(9)) == 36)
        }

        @Test func aSuccessorForgetsNothing() throws {
            let device = try TestDevice()
            let daemon = try Supervisor(device, "--max-watchers", "\(Self.limit)")
            let crowd = try Crowd(device)
            defer { crowd.end() }
            #expect(try crowd.taken(by: [], "family", 3) == Self.share)
            try daemon.replace()
            #expect(try crowd.taken(by: Self.becoming(60_000)) == 0)
            #expect(try crowd.taken(by: Self.becoming(60_001)) == 36)
        }
    }
}

/// A device, and clients that take all they get, each of them in a control group of its own where there are any.
private final class Crowd {
    let device: TestDevice
    private var clients: [RunningProgram] = []
    private var groups: [UnifiedGroup] = []

    convenience init(limit: Int) throws {
        let device = try TestDevice()
        try device.serve("--max-watchers", "\(limit)")
        try self.init(device)
    }

    /// Puts the plain client where others than root can run it.
    init(_ device: TestDevice) throws {
        self.device = device
        try FileManager.default.copyItem(atPath: Built.path(of: "TestClient"), toPath: device.folder + "/client")
    }

    /// Lets a client open the device as often as it can, and says how often that is. It holds what it has got.
    ///
    /// - Parameters:
    ///   - tool: what starts the client.
    ///   - group: where it is started.
    func taken(
        by tool: [String], in group: UnifiedGroup? = nil, _ command: String = "hold", _ count: Int = 1_000
    ) throws -> Int {
        var group = group
        if group == nil, UnifiedGroup.parent != nil {
            let own = try UnifiedGroup()
            groups.append(own)
            group = own
        }
        let start = (group?.entering ?? []) + tool + [device.folder + "/client", command, device.path, "\(count)"]
        let client = try device.run("/usr/bin/env", start)
        clients.append(client)
        try client.waitFor("held")
        return try #require(client.lines.first.flatMap(Int.init))
    }

    func endLast(_ count: Int) {
        clients.suffix(count).forEach { $0.end() }
    }

    func end() {
        device.end()
        groups.forEach { $0.end() }
        groups = []
    }
}
