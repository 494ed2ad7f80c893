import Foundation

/// A release of Debian that the project's package is for.
struct DebianRelease: Sendable {
    var name: String
    /// Where its packages come from, as in a list of sources.
    var suites: [String]
    /// The library that the package depends on there.
    var fusePackage: String
    /// What is tested together with the package, where the release has it.
    var companions: [String] = []

    /// Podman with both of its runtimes, with what it takes to be rootless, and with a program for an image.
    private static let containerTools = ["podman", "crun", "runc", "uidmap", "busybox-static"]

    /// The languages and libraries whose generators docs/runtimes.md is about, but for those that all have.
    private static let runtimes = [
        "default-jre-headless", "libgcrypt20", "libgnutls30", "libnss3", "libsodium23", "libuuid1", "php-cli",
        "postgresql-15", "python3-numpy", "ruby",
    ]

    static let all = [
        DebianRelease(
            name: "bookworm", suites: ["bookworm", "bookworm-security"], fusePackage: "libfuse3-3",
            companions: ["criu"] + containerTools + runtimes),
        DebianRelease(
            name: "trixie", suites: ["trixie", "trixie-security"], fusePackage: "libfuse3-4",
            companions: ["criu"] + containerTools),
        DebianRelease(name: "sid", suites: ["sid"], fusePackage: "libfuse3-4", companions: containerTools),
    ]

    /// The one that this machine runs, whose packages it builds.
    static func own() throws -> DebianRelease {
        let text = try? String(contentsOfFile: "/etc/os-release", encoding: .utf8)
        let version = try? String(contentsOfFile: "/etc/debian_version", encoding: .utf8)
        let isInTheMaking = version?.contains("/sid") == true
        let name =
            isInTheMaking ? "sid" : text?.firstMatch(of: #/(?m)^VERSION_CODENAME=(\S+)$/#).map { String($0.output.1) }
        guard let own = all.first(where: { $0.name == name }) else {
            throw Failure("this machine's Debian is none that the laboratory knows: it has no system for the package")
        }
        return own
    }

    /// The release with its own kernel, in which its own package is tested.
    var line: Kernel {
        Kernel(
            name: name, suites: suites, image: .current(of: "linux-image-amd64"),
            properties: name == "bookworm" ? [.acpi, .pageCache, .fuseModule] : [.acpi, .passthrough], scope: .package)
    }
}
