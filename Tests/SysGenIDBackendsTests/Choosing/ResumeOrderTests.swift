import Testing

@testable import SysGenIDBackends

/// All orders in which the signs of a resume and the reads of their sources can come: each resume is one change.
///
/// A moment is the read of one source in one look; a sign is given just before it. The signs of a resume come in any
/// order, at any moments.
struct ResumeOrderTests {
    typealias Sign = PlayedResumes.Sign

    /// What a machine has: the sources, and which of them show a resume.
    struct Machine: CustomTestStringConvertible, Sendable {
        let sources: Set<Sign>
        let live: [Sign]

        var testDescription: String {
            "\(Self.text(sources.sorted { $0.rawValue < $1.rawValue })) live: \(Self.text(live))"
        }

        private static func text(_ signs: [Sign]) -> String { signs.map { "\($0)" }.joined(separator: "+") }

        /// The kernel's line says the truth; the others may be sources that never change.
        static let all: [Machine] = sets(of: Sign.allCases).flatMap { sources in
            sets(of: sources).filter { !$0.isEmpty && (!sources.contains(.line) || $0.contains(.line)) }
                .map { Machine(sources: Set(sources), live: $0) }
        }

        private static func sets(of signs: [Sign]) -> [[Sign]] {
            signs.reduce([[]]) { sets, sign in sets + sets.map { $0 + [sign] } }
        }
    }

    private static let signCount = Sign.allCases.count

    @Test("one resume, in all orders, with a restart after each look", arguments: Machine.all)
    func one(machine: Machine) {
        let looks = 4
        var orders = 0
        for moments in Self.tuples(of: looks * Self.signCount, machine.live.count) {
            for restart in [nil] + (0..<looks).map(Optional.some) {
                for (areAnnounced, isLate) in [(true, true), (true, false), (false, true), (false, false)] {
                    var played = PlayedResumes(with: machine.sources, areAnnounced: areAnnounced)
                    if isLate { played.rest(2 * Arbiter.settlingTime) }
                    let signs = Array(zip(machine.live, moments))
                    play(&played, signs, looks: looks, restart: restart)
                    orders += 1
                    guard played.generation != 1 else { continue }
                    Issue.record(
                        "generation \(played.generation): \(signs), restart \(restart as Int?), announced \(areAnnounced), late \(isLate)"
                    )
                    return
                }
            }
        }
        #expect(orders >= 12 * 20)
    }

    /// The kernel logs its line after it has seen another identity.
    @Test("two resumes, one right after the other", arguments: Machine.all.filter { $0.live.count > 1 })
    func two(machine: Machine) {
        let looks = 3
        let pairs = Self.tuples(of: looks * Self.signCount, 2).filter { $0[0] <= $0[1] }
        for choice in Self.tuples(of: pairs.count, machine.live.count) {
            let first = zip(machine.live, choice).map { (sign: $0, moment: pairs[$1][0]) }
            let second = zip(machine.live, choice).map { (sign: $0, moment: pairs[$1][1]) }
            guard Self.isOrdered(first), Self.isOrdered(second) else { continue }
            for areAnnounced in [true, false] {
                var played = PlayedResumes(with: machine.sources, areAnnounced: areAnnounced)
                var before: UInt32?
                let beginning = second.map(\.moment).min()!
                play(&played, first + second, looks: looks) { moment, played in
                    if moment == beginning { before = played.generation }
                }
                // What comes in one look is one change, and the second resume always shows.
                guard played.generation > 2 || played.generation <= before! else { continue }
                Issue.record(
                    "generation \(played.generation), before \(before!): \(first), \(second), announced \(areAnnounced)"
                )
                return
            }
        }
    }

    private static func isOrdered(_ signs: [(sign: Sign, moment: Int)]) -> Bool {
        guard let line = signs.first(where: { $0.sign == .line }) else { return true }
        return signs.allSatisfy { $0.sign != .identity || $0.moment <= line.moment }
    }

    /// Another host may keep what the one before left alone, and the other way round; memory that is the wrong one stays it.
    @Test("two resumes with time between them, each with signs of its own", arguments: Machine.all)
    func apart(machine: Machine) {
        let looks = 1
        for other in Machine.all where other.sources == machine.sources {
            guard other.live.contains(.identity) == machine.live.contains(.identity) else { continue }
            for first in Self.tuples(of: looks * Self.signCount, machine.live.count) {
                for second in Self.tuples(of: looks * Self.signCount, other.live.count) {
                    var played = PlayedResumes(with: machine.sources, areAnnounced: true)
                    played.rest(2 * Arbiter.settlingTime)
                    play(&played, Array(zip(machine.live, first)), looks: looks)
                    let between = played.generation
                    played.rest(2 * Arbiter.settlingTime)
                    play(&played, Array(zip(other.live, second)), looks: looks)
                    played.rest(2 * Arbiter.settlingTime)
                    guard between != 1 || played.generation != 2 else { continue }
                    Issue.record("generation \(between), \(played.generation): \(first), then \(other.live) \(second)")
                    return
                }
            }
        }
    }

    /// Gives each sign at its moment, and looks until all is settled.
    private func play(
        _ played: inout PlayedResumes, _ signs: [(sign: Sign, moment: Int)], looks: Int, restart: Int? = nil,
        at: (Int, PlayedResumes) -> Void = { _, _ in }
    ) {
        for look in 0..<looks {
            played.look { read, played in
                let moment = look * Self.signCount + read.rawValue
                at(moment, played)
                for (sign, due) in signs where due == moment { played.give(sign) }
            }
            if look == restart { played.restart() }
        }
        for _ in 0..<4 { played.look() }
    }

    /// All tuples of so many numbers below the bound.
    private static func tuples(of bound: Int, _ count: Int) -> [[Int]] {
        (0..<count).reduce([[]]) { tuples, _ in tuples.flatMap { tuple in (0..<bound).map { tuple + [$0] } } }
    }
}
