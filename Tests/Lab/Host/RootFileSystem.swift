import Foundation

/// The disk of a Debian system with systemd as its first program, made of Debian's packages.
///
/// It is made once and never written to by a guest, and anew where it is to hold something else: to have newer packages,
/// remove the file.
struct RootFileSystem {
    let path: String

    /// What a server has besides the essential packages, as far as tests care, what the project's own package depends
    /// on, and what is tested together with it: nothing is fetched in the guest.
    private static func packages(of release: DebianRelease) -> [String] {
        [
            "systemd-sysv", "udev", "kmod", "mount", "dbus", "passwd", "systemd-container", "libseccomp2", "libstdc++6",
            "python3", "nodejs", "nginx", "openssl", "openssh-server", "chrony", "qemu-guest-agent",
            release.fusePackage,
        ] + release.companions
    }
    /// What nobody looks at.
    private static let excluded = ["/usr/share/man/*", "/usr/share/locale/*", "/usr/share/info/*"]
    /// What costs time at each boot under emulation and has nothing to do with tests.
    private static let masked = [
        "getty.target", "timers.target", "systemd-logind.service", "systemd-random-seed.service",
        "systemd-update-utmp.service", "systemd-update-utmp-runlevel.service", "e2scrub_reap.service",
        "systemd-binfmt.service", "proc-sys-fs-binfmt_misc.automount", "dev-hugepages.mount",
        "nginx.service", "podman.service", "podman.socket", "podman-restart.service", "podman-auto-update.service",
        "postgresql.service", "ssh.service", "ssh.socket", "chrony.service", "qemu-guest-agent.service",
    ]

    /// - Parameters:
    ///   - cache: where it is made.
    ///   - python: a folder of packages for Python that Debian does not have.
    init(_ release: DebianRelease, below cache: String, python: String) throws {
        let file = "debian-\(release.name)"
        path = "\(cache)/\(file).ext4"
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: python)) ?? []).sorted()
        guard !names.isEmpty else { throw Failure("\(python) is missing: 'make setup-lab' fetches what belongs there") }
        let packages = Self.packages(of: release)
        let contents = (packages + Self.masked + names).joined(separator: " ")
        let note = "\(cache)/\(file).contents"
        let isMade = FileManager.default.fileExists(atPath: path)
        if isMade, (try? String(contentsOfFile: note, encoding: .utf8)) == contents { return }
        print("making a Debian \(release.name) of \(packages.count) packages and those that they need")
        fflush(nil)
        let archive = try DebianArchive(release.suites, below: cache)
        let privileges = getuid() == 0 ? "" : "sudo"
        let options =
            ["--variant=essential", "--mode=root", "--include=\(packages.joined(separator: ","))"]
            + Self.excluded.map { "--dpkgopt=path-exclude=\($0)" }
            + ["--aptopt=Acquire::Check-Valid-Until \"false\"", "--dpkgopt=force-unsafe-io"]
            + ["--customize-hook=\(Self.customization)"]
            + ["--customize-hook=cp -r \(Tool.quoted([python]))/* \"$1\"/usr/lib/python3/dist-packages"]
        try Tool.shell(
            """
            sudo="$1" release="$2" sources="$3" file="$4"
            shift 4
            $sudo rm -rf "$file.tree" "$file.ext4.part"
            $sudo mmdebstrap "$@" "$release" "$file.tree" - <"$sources"
            $sudo mkfs.ext4 -q -d "$file.tree" "$file.ext4.part" 2G
            $sudo rm -rf "$file.tree"
            $sudo chown "$(id -u)" "$file.ext4.part"
            mv "$file.ext4.part" "$file.ext4"
            """, [privileges, release.name, archive.sourceList, file] + options, in: cache)
        try contents.write(toFile: note, atomically: true, encoding: .utf8)
    }

    /// What an administrator does on a new system: the name, the users. And the places for what a guest brings.
    private static var customization: String {
        """
        set -e
        echo guest >"$1/etc/hostname"
        mkdir "$1/lab" "$1/usr/lib/modules"
        chroot "$1" useradd --uid 1000 outsider
        chroot "$1" useradd --uid 1001 member
        chroot "$1" systemctl -q mask \(masked.joined(separator: " "))
        """
    }
}
