import Foundation

/// A test: a script for the guest, whose first lines of comment say what the host has to know.
///
///     # needs: passthrough        only on kernels with these properties
///     # kernels: one              what it shows does not depend on the kernel: one is enough, unless all is asked for
///     # system: debian            Debian with systemd, and not busybox
///     # release: bookworm         only with that Debian
///     # seconds: 90               how long the guest takes at most where nothing else is done, boot included
///     # processors: 2             how many the guest has
///     # clones: changed same      snapshot the guest when it asks, and resume once for each word
///     # differ: key             what each clone reports with `value key …` is nowhere the same
///     # same: key               it is the same in all of them; there may be several lines of both
///     # resumes: 10               snapshot and resume it in a row so often, each time with a new identity
///     # boots: 2                  how often the guest boots; it asks for the next time
///     # without: vmgenid          a machine that lacks this
///     # with: entropy             a machine that has this besides
///     # words: iomem=relaxed      what the kernel's command line has besides
///     # vmclock: announced        one that has a vmclock, and whether its changes are announced
struct GuestTest: Sendable {
    var name: String
    var system = GuestSystem.busybox
    /// The release of Debian with which alone it says something.
    var release: String?
    var needs: Set<Kernel.Property> = []
    var needsOneKernel = false
    var seconds: Double = 60
    /// How long the guest may take: this guards against hanging only, also on a machine that has other things to do.
    var limit: Double { 4 * seconds }
    var processors = 1
    /// As what each snapshot is resumed.
    var clones: [Clone] = []
    /// What the clones' values are held against.
    var comparison = Comparison()
    /// How often the guest is snapshotted and resumed, one after the other.
    var resumes = 0
    /// How often the guest boots, each time with the disk as it has left it.
    var boots = 1
    var lacks: Set<Part> = []
    var extras: Set<Machine.Extra> = []
    /// What the kernel's command line has besides.
    var kernelWords: [String] = []
    var vmclock: VMClock?
    /// Whether it says something with that release of Debian.
    func isOf(_ name: String?) -> Bool { release == nil || release == name }

    var platform: Platform { Platform(system: system, vmclock: vmclock) }

    /// What a machine for it has to be made of, as far as tests of one kernel differ in that.
    struct Platform: Hashable {
        var system: GuestSystem
        var vmclock: VMClock?
    }

    /// What a clone of the snapshot is resumed with.
    enum Clone: String, Sendable {
        /// With everything new by which a hypervisor tells of a resume: an identity of its own, and the vmclock's next
        /// generation counter.
        case changed
        /// With a new counter, and the identity of before.
        case counter
        /// With a new identity, and the counter of before: the host has a vmclock, and leaves it alone.
        case guid
        /// With nothing new: it was moved, not cloned.
        case same

        var hasNewIdentity: Bool { self == .changed || self == .guid }
        var hasNewCounter: Bool { self == .changed || self == .counter }
    }

    /// What a machine has, unless a test does without it.
    enum Part: String, Sendable {
        case vmgenid
    }

    /// All tests, those that may take longest first.
    static func all(in folder: String) throws -> [GuestTest] {
        try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".sh") }.sorted()
            .map { file in
                let text = try String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8)
                return try GuestTest(name: String(file.dropLast(3)), script: text)
            }
            .sorted { ($0.seconds, $1.name) > ($1.seconds, $0.name) }
    }

    init(name: String, script: String) throws {
        self.name = name
        for line in script.split(separator: "\n").prefix(while: { $0.hasPrefix("#") }) {
            let match = line.wholeMatch(
                of:
                    #/# (system|release|needs|kernels|seconds|processors|clones|differ|same|resumes|boots|without|with|vmclock|words): (.*)/#
            )
            guard let (_, key, value) = match?.output else { continue }
            let words = value.split(separator: " ").map(String.init)
            switch key {
            case "system": system = try Self.known(String(value), in: name)
            case "release": release = String(value)
            case "needs": needs = Set(try words.map { try Self.known($0, in: name) })
            case "kernels":
                guard value == "one" else { throw Failure("\(name).sh: the word \(value) of its header is unknown") }
                needsOneKernel = true
            case "without": lacks = Set(try words.map { try Self.known($0, in: name) })
            case "with": extras = Set(try words.map { try Self.known($0, in: name) })
            case "words": kernelWords = words
            case "vmclock": vmclock = try Self.known(String(value), in: name)
            case "clones": (clones, resumes) = (try words.map { try Self.known($0, in: name) }, 1)
            case "differ": comparison.differing += words
            case "same": comparison.same += words
            case "resumes": (clones, resumes) = ([.changed], try Self.number(value, in: name))
            case "boots": boots = try Self.number(value, in: name)
            case "seconds": seconds = Double(try Self.number(value, in: name))
            default: processors = try Self.number(value, in: name)
            }
        }
        guard vmclock != nil || !clones.contains(.counter) else {
            throw Failure("\(name).sh: there is no vmclock whose counter could be new")
        }
        guard comparison.isEmpty || clones.count > 1 else {
            throw Failure("\(name).sh: there are no clones whose values could be compared")
        }
    }

    private static func number(_ text: some StringProtocol, in name: String) throws -> Int {
        guard let number = Int(text), number > 0 else { throw Failure("\(name).sh: \(text) is no number") }
        return number
    }

    private static func known<Word: RawRepresentable>(_ word: String, in name: String) throws -> Word
    where Word.RawValue == String {
        guard let known = Word(rawValue: word) else {
            throw Failure("\(name).sh: the word \(word) of its header is unknown")
        }
        return known
    }
}
