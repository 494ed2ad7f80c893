import StateModel
import SysGenIDCore
import Testing

@testable import SysGenIDFrontends

/// Who may open the counter file, whenever the daemon is killed that changes it.
extension EveryStoreTests {
    struct Attributes: Equatable {
        var permissions: UInt32
        var userID: UInt32
        var groupID: UInt32
    }

    private static let first = DeviceAccess(permissions: 0o644, groupID: 0)
    private static let second = DeviceAccess(permissions: 0o660, groupID: 5)
    /// Another mode for the same group.
    private static let third = DeviceAccess(permissions: 0o660, groupID: 0)
    private static let changed = Attributes(permissions: 0o600, userID: 7, groupID: 8)

    @Test func aDaemonHasTheModeOfItsOwnConfiguration() throws {
        let remains = try started(as: Self.first, on: try Remains(of: .passthrough, at: Record(generation: .fresh)))
        for other in [Self.second, Self.third] {
            for moment in try moments(of: remains, configuredAs: other) {
                for access in [Self.first, other] {
                    #expect(try attributes(after: moment, configuredAs: access) == Attributes(of: access))
                }
            }
        }
    }

    @Test func whatWasChangedStaysAsLongAsTheConfigurationDoes() throws {
        var source = MessageSource(ByteChoices([]), of: .counterFile)
        let change = source.setAttributes(
            permissions: Self.changed.permissions, userID: Self.changed.userID, groupID: Self.changed.groupID)
        var remains = try started(as: Self.first, on: try Remains(of: .passthrough, at: Record(generation: .fresh)))
        for (moment, isAnswered) in try moments(of: remains, changedBy: change) {
            let again = isAnswered ? [] : [Sent.again(change)]
            #expect(try attributes(after: moment, configuredAs: Self.first, delivering: again) == Self.changed)
            remains = moment
        }
        for moment in try moments(of: remains, configuredAs: Self.first) {
            #expect(try attributes(after: moment, configuredAs: Self.first) == Self.changed)
        }
        for moment in try moments(of: remains, configuredAs: Self.second) {
            #expect(try attributes(after: moment, configuredAs: Self.second) == Attributes(of: Self.second))
        }
    }

    /// What is left when a daemon that is configured so has started.
    private func started(as access: DeviceAccess, on remains: Remains) throws -> Remains {
        try #require(try moments(of: remains, configuredAs: access).last)
    }

    /// What is left at each moment of the start of a daemon that is configured so.
    private func moments(of remains: Remains, configuredAs access: DeviceAccess) throws -> [Remains] {
        let daemon = try PlayedDaemon(continuing: remains, by: .passthrough, configuredAs: access, isWatched: true)
        defer { daemon.end() }
        return moments(of: remains, try daemon.takeDeeds()).map(\.remains)
    }

    private func moments(
        of remains: Remains, changedBy message: [UInt8]
    ) throws -> [(remains: Remains, isAnswered: Bool)] {
        let daemon = try PlayedDaemon(
            continuing: remains, by: .passthrough, configuredAs: Self.first, isWatched: true)
        defer { daemon.end() }
        let start = moments(of: remains, try daemon.takeDeeds()).last?.remains ?? remains
        try daemon.perform(.message(message))
        let moments = moments(of: start, try daemon.takeDeeds())
        #expect(moments.count > 4 && moments.last?.isAnswered == true)
        return moments
    }

    private func moments(of remains: Remains, _ deeds: [Deed]) -> [(remains: Remains, isAnswered: Bool)] {
        var (remains, isAnswered) = (remains, false)
        return [(remains, false)]
            + deeds.map { deed in
                remains.take([deed])
                if case .told(let reply) = deed, reply.number != 0 { isAnswered = true }
                return (remains, isAnswered)
            }
    }

    /// What stat(2) shows of the file that the next daemon serves.
    private func attributes(
        after remains: Remains, configuredAs access: DeviceAccess, delivering messages: [[UInt8]] = []
    ) throws -> Attributes {
        let daemon = try PlayedDaemon(continuing: remains, by: .passthrough, configuredAs: access) { _ in messages }
        defer { daemon.end() }
        _ = try daemon.takeDeeds()
        var source = MessageSource(ByteChoices([]), of: .counterFile)
        _ = source.unserved()
        try daemon.perform(.message(source.attributes(through: nil)))
        guard case .told(let reply)? = try daemon.takeDeeds().last else { throw Violation(description: "no answer") }
        // The places are those of fuse_attr_out in linux/fuse.h.
        let words = [76, 84, 88].compactMap { reply.word(UInt32.self, at: $0) }
        try #require(words.count == 3)
        return Attributes(permissions: words[0] & 0o7777, userID: words[1], groupID: words[2])
    }
}

extension EveryStoreTests.Attributes {
    /// Those that a daemon begins with.
    fileprivate init(of access: DeviceAccess) {
        self.init(permissions: access.permissions, userID: 0, groupID: access.groupID)
    }
}
