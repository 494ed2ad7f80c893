import Foundation
import TestSupport

/// One system call of the daemon that fails, or takes less than it was given.
struct Injection: Hashable, Sendable, CustomStringConvertible {
    /// What it is made with, as `openat RUNTIME/state`.
    var site: String
    /// Which one of those that are made so.
    var ordinal: Int
    /// The negative error, or how many bytes there are at most.
    var result: Int32

    var call: String { String(site.prefix { $0 != " " }) }

    var resultName: String { result < 0 ? ErrorNumbers.name(of: -result) : "\(result)-byte" }

    var description: String { "\(site) #\(ordinal) \(resultName)" }

    /// A number by chance that is the same on every machine.
    func rank(_ seed: UInt64) -> UInt64 {
        let digest = description.utf8.reduce(seed ^ 0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        var generator = SeededGenerator(seed: digest)
        return generator.next()
    }

    /// The error in words.
    var errorText: String { result < 0 ? String(cString: strerror(-result)) : "" }
}

/// Which calls are made to fail, and how, of those that were seen in a run without failures.
struct InjectionPlan {
    var cases: [Injection]

    /// Every call, with each error of its manual page, and of reads and writes that can be short with a byte and three.
    ///
    /// - Parameter ordinals: how many of the calls of one site at most.
    init(of sites: [String], ordinals: Int) {
        var counts: [String: Int] = [:]
        for site in sites where !site.hasPrefix(Self.unseen) { counts[site, default: 0] += 1 }
        cases = counts.keys.sorted().flatMap { site in
            let words = site.split(separator: " ", maxSplits: 1).map(String.init)
            let subject = words.count > 1 ? words[1] : ""
            let errors = ErrorsOfCalls.errors(
                of: words[0], on: subject.split(separator: " ").first.map(String.init) ?? "")
            let results = errors.map { -$0 } + (Self.canBeShort(words[0], subject) ? [1, 3] : [])
            return (1...min(counts[site]!, ordinals)).flatMap { ordinal in
                results.map { Injection(site: site, ordinal: ordinal, result: $0) }
            }
        }
    }

    /// The C library blocks all signals while it starts a thread, and does not look whether it could: what it puts back
    /// afterwards would be no mask. The daemon's own call is among the known ones.
    private static let unseen = "rt_sigprocmask "

    func share(_ share: Int, of count: Int) -> [Injection] {
        cases.enumerated().filter { $0.offset % count == share }.map(\.element)
    }

    /// Each call at least once, and others of them, as the seed has it. Whether one is chosen depends on itself and not on
    /// its place: one call more, as another machine or a busy one makes it, leaves the others as they are.
    func sample(_ count: Int, seed: UInt64) -> [Injection] {
        guard cases.count > count else { return cases }
        let shuffled = cases.map { (rank: $0.rank(seed), injection: $0) }.sorted { $0.rank < $1.rank }.map(\.injection)
        var (first, rest, calls) = ([Injection](), [Injection](), Set<String>())
        for injection in shuffled {
            if calls.insert(injection.call).inserted { first.append(injection) } else { rest.append(injection) }
        }
        return Array((first + rest).prefix(max(count, first.count)))
    }

    /// What comes whole or not at all cannot be short: messages, and the numbers of event descriptors.
    private static func canBeShort(_ call: String, _ subject: String) -> Bool {
        ["read", "write", "pread64", "pwrite64", "getrandom"].contains(call)
            && !["/dev/fuse", "/dev/cuse", "anon_inode:", "socket:"].contains { subject.hasPrefix($0) }
    }
}
