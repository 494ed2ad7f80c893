/// Which hooks a phase has, in the order in which they are run: a pure function of what the directories hold.
struct HookPlan: Hashable, Sendable {
    /// What a directory holds.
    struct Listing: Hashable, Sendable {
        enum Kind: Hashable, Sendable {
            case runnable
            /// It stands for a hook of the same name that is not to be run.
            case mask
            /// It must not be run, or cannot be, for this reason.
            case refused(String)
        }

        var path: String
        var entries: [String: Kind] = [:]
        /// Why nothing of the directory may be run, whatever it holds.
        var objection: String?
    }

    private(set) var hooks: [Hook] = []
    /// The paths of what has no name of a hook, as an editor's backup.
    private(set) var passedOver: [String] = []

    /// - Parameter listings: of the directories of the phase, the first one that has a name decides.
    init(_ listings: [Listing]) {
        var decided: Set<String> = []
        for listing in listings {
            if let objection = listing.objection {
                // Under a name of its own, and first: nobody knows what was to be run.
                hooks.append(Hook(name: listing.path, path: listing.path, objection: objection))
            }
            for (name, kind) in listing.entries {
                let path = "\(listing.path)/\(name)"
                guard Self.isName(name) else {
                    passedOver.append(path)
                    continue
                }
                guard decided.insert(name).inserted else { continue }
                switch kind {
                case .runnable: hooks.append(Hook(name: name, path: path))
                case .mask: break
                case .refused(let reason): hooks.append(Hook(name: name, path: path, objection: reason))
                }
            }
        }
        hooks.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        passedOver.sort()
    }

    /// Whether it is a name of a hook: two digits, a dash, and then letters, digits, `.`, `_` and `-` of ASCII, such that
    /// a package manager's `.dpkg-old` and an editor's `~` are none.
    static func isName(_ name: String) -> Bool {
        let bytes = Array(name.utf8)
        guard (4...64).contains(bytes.count), bytes[..<2].allSatisfy(isDigit), bytes[2] == UInt8(ascii: "-") else {
            return false
        }
        return bytes[3...].allSatisfy(isOfName) && !leftovers.contains(where: name.hasSuffix)
    }

    /// What package managers and editors leave beside a file.
    private static let leftovers = [
        ".dpkg-old", ".dpkg-new", ".dpkg-dist", ".dpkg-tmp", ".ucf-old", ".ucf-new", ".ucf-dist", ".rpmsave",
        ".rpmorig",
        ".rpmnew", ".bak", ".orig", ".swp",
    ]

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isOfName(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) && byte.isASCII
            || "._-".utf8.contains(byte)
    }
}

extension UInt8 {
    fileprivate var isASCII: Bool { self < 0x80 }
}
