import Foundation

/// The disk of a Debian system with systemd as its first program, made of Debian's packages.
///
/// It is made once and never written to by a guest, and anew where it is to hold something else: to have newer packages,
/// remove the file.
struct RootFileSystem {
    let path: String

    /// What a server has besides the essential packages, as far as tests care, what the project's own package depends
    /// on, and what is tested together with it: nothing is fetched in the guest.
    private static let packages = [
        "systemd-sysv", "udev", "kmod", "dbus", "passwd", "systemd-container", "libfuse3-3", "libseccomp2",
        "libstdc++6", "python3", "criu",
    ]
    /// What nobody looks at.
    private static let excluded = ["/usr/share/man/*", "/usr/share/locale/*", "/usr/share/info/*"]
    /// What costs time at each boot under emulation and has nothing to do with tests.
    private static let masked = [
        "getty.target", "timers.target", "systemd-logind.service", "systemd-random-seed.service",
        "systemd-update-utmp.service", "systemd-update-utmp-runlevel.service", "e2scrub_reap.service",
        "systemd-binfmt.service", "proc-sys-fs-binfmt_misc.automount",
    ]

    /// - Parameters:
    ///   - cache: where it is made.
    ///   - python: a folder of packages for Python that Debian does not have.
    init(below cache: String, python: String) throws {
        path = "\(cache)/debian.ext4"
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: python)) ?? []).sorted()
        guard !names.isEmpty else { throw Failure("\(python) is missing: 'make setup-lab' fetches what belongs there") }
        let contents = (Self.packages + Self.masked + names).joined(separator: " ")
        let note = "\(cache)/debian.contents"
        let isMade = FileManager.default.fileExists(atPath: path)
        if isMade, (try? String(contentsOfFile: note, encoding: .utf8)) == contents { return }
        print("making a Debian system of \(Self.packages.count) packages and those that they need")
        fflush(nil)
        try FileManager.default.createDirectory(atPath: cache, withIntermediateDirectories: true)
        let privileges = getuid() == 0 ? "" : "sudo"
        let options =
            ["--variant=essential", "--mode=root", "--include=\(Self.packages.joined(separator: ","))"]
            + Self.excluded.map { "--dpkgopt=path-exclude=\($0)" }
            + ["--dpkgopt=force-unsafe-io", "--customize-hook=\(Self.customization)"]
            + ["--customize-hook=cp -r \(Tool.quoted([python]))/* \"$1\"/usr/lib/python3/dist-packages"]
        // It is made of what this machine's own list of sources offers from Debian, by the lists that it has fetched.
        try Tool.shell(
            """
            sudo="$1"
            shift
            sources() { apt-get indextargets --format "$1" 'Created-By: Packages' 'Origin: Debian'; }
            $sudo apt-get -q update
            release=$(sources '$(CODENAME)' | grep -v -- - | head -n 1)
            $sudo rm -rf debian.tree debian.ext4.part
            sources 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' | $sudo mmdebstrap "$@" \\
                --setup-hook='mkdir -p "$1/var/lib/apt/lists" && cp /var/lib/apt/lists/*_* "$1/var/lib/apt/lists"' \\
                --skip=update "$release" debian.tree -
            $sudo mkfs.ext4 -q -d debian.tree debian.ext4.part 1G
            $sudo rm -rf debian.tree
            $sudo chown "$(id -u)" debian.ext4.part
            mv debian.ext4.part debian.ext4
            """, [privileges] + options, in: cache, seconds: 900)
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
