import Foundation

/// Releases of Debian to fetch packages from, whatever release this machine is of. apt keeps what it knows of them apart
/// from the machine's own lists.
struct DebianArchive {
    private let folder: String
    private var environment: [String] { ["APT_CONFIG=\(folder)/apt.conf"] }

    /// - Parameters:
    ///   - suites: as in a list of sources, the release first: `trixie`, `trixie-backports`.
    ///   - cache: where the lists are kept.
    init(_ suites: [String], architecture: String = "amd64", below cache: String) throws {
        folder = "\(cache)/apt/\(suites.joined(separator: "+"))-\(architecture)"
        guard !FileManager.default.fileExists(atPath: "\(folder)/apt.conf") else { return }
        for name in ["state/lists/partial", "cache/archives/partial", "parts"] {
            try FileManager.default.createDirectory(
                atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
        }
        try Self.sources(suites).write(toFile: sourceList, atomically: true, encoding: .utf8)
        try "".write(toFile: "\(folder)/state/status", atomically: true, encoding: .utf8)
        // As root, apt would give up its rights and might not be allowed to write here then. The lists of a release in
        // the making may be out of date, and what is kept of it is tested all the same.
        try """
        Dir::Etc::sourcelist "\(sourceList)";
        Dir::Etc::sourceparts "\(folder)/parts";
        Dir::State "\(folder)/state";
        Dir::State::status "\(folder)/state/status";
        Dir::Cache "\(folder)/cache";
        APT::Architecture "\(architecture)";
        APT::Architectures { "\(architecture)"; };
        APT::Sandbox::User "";
        Acquire::Languages "none";
        Acquire::Check-Valid-Until "false";
        """.write(toFile: "\(folder)/apt.conf", atomically: true, encoding: .utf8)
    }

    /// The list of sources, as a file.
    var sourceList: String { "\(folder)/sources.list" }

    /// Brings the lists up to date.
    func update() throws {
        try Tool.run("env", environment + ["apt-get", "-q", "update"])
    }

    /// The names of packages that begin so.
    func names(beginningWith prefix: String) throws -> [String] {
        try Tool.run("env", environment + ["apt-cache", "pkgnames", prefix]).split(separator: "\n").map(String.init)
    }

    /// The packages that the newest version of a package depends on; none where there is no such package.
    func dependencies(of package: String) -> [String] {
        let list = try? Tool.run("env", environment + ["apt-cache", "depends", "--important", package])
        return (list ?? "").matches(of: #/Depends: ([^\s<>]+)/#).map { String($0.output.1) }
    }

    /// Fetches packages and unpacks them in a folder.
    func unpack(_ packages: [String], in folder: String) throws {
        try Tool.shell(
            """
            export "$1"
            shift
            apt-get -q download "$@"
            for package in *.deb; do dpkg -x "$package" .; done
            rm *.deb
            """, environment + packages, in: folder)
    }

    /// Fetches a package with all that it depends on, as for a machine that has nothing, and unpacks them in a folder.
    ///
    /// - Parameter suite: the one that is preferred to the others.
    func unpackWithDependencies(of package: String, from suite: String, in folder: String) throws {
        try Tool.shell(
            """
            export "$1"
            apt-get -q -y --download-only --no-install-recommends --target-release "$2" install "$3"
            for package in "$4"/*.deb; do dpkg -x "$package" .; done
            apt-get -q clean
            """, environment + [suite, package, "\(self.folder)/cache/archives"], in: folder)
    }

    /// The lines of a list of sources, by where this machine's own come from.
    private static func sources(_ suites: [String]) throws -> String {
        var places = try ownPlaces()
        if places.isEmpty {
            // It has no lists yet that say which of its sources are Debian's.
            try Tool.run("env", (getuid() == 0 ? [] : ["sudo"]) + ["apt-get", "-q", "update"])
            places = try ownPlaces()
        }
        return try suites.map { suite in
            guard let place = places[suite.hasSuffix("-security")] else {
                throw Failure("this machine's list of sources has no Debian to fetch \(suite) from")
            }
            return "deb \(place) \(suite) main\n"
        }.joined()
    }

    /// Where this machine's own packages of Debian come from; those of its security team from elsewhere (true).
    private static func ownPlaces() throws -> [Bool: String] {
        let own = try Tool.run(
            "apt-get",
            ["indextargets", "--format", "$(REPO_URI) $(RELEASE)", "Created-By: Packages", "Origin: Debian"])
        var places: [Bool: String] = [:]
        for line in own.split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            guard words.count == 2 else { continue }
            let isSecurity = words[1].hasSuffix("-security")
            if isSecurity || !words[1].contains("-") { places[isSecurity] = words[0] }
        }
        return places
    }
}
