import Foundation
import TestSupport

/// A system of a test's own, on which hooks are run as the overseer runs them: another /etc, /run and /var/lib, and programs
/// in the place of systemd's that tell of their calls.
struct HookSystem {
    private let scratch: Scratch
    /// What is mounted and set besides, in words of the shell, before a hook runs.
    var preparation = ""

    init() throws {
        scratch = try Scratch()
        for folder in ["bin", "etc/ssh", "etc/sysgenid", "run/systemd/system", "lib/systemd", "lib/dbus"] {
            try FileManager.default.createDirectory(
                atPath: scratch.path(folder), withIntermediateDirectories: true)
        }
        for name in ["passwd", "group", "nsswitch.conf", "ld.so.cache", "os-release"] {
            try FileManager.default.copyItem(atPath: "/etc/\(name)", toPath: scratch.path("etc/\(name)"))
        }
        try write("lib/dbus/machine-id", Self.oldID + "\n")
        try write("etc/machine-id", Self.oldID + "\n")
        try replace(
            "systemctl",
            by: """
                case $1 in
                show) ;;
                *) echo "systemctl $*" >>/run/trace ;;
                esac
                for unit; do :; done
                case "$*" in
                *is-active*) grep -qsxF -- "$unit" /run/active ;;
                *LoadState*) if grep -qsxF -- "$unit" /run/loaded; then echo loaded; else echo not-found; fi ;;
                *ActiveState*) if grep -qsxF -- "$unit" /run/active; then echo active; else echo inactive; fi ;;
                *) ! grep -qsxF -- "$unit" /run/failing ;;
                esac
                """)
    }

    static let oldID = "0123456789abcdef0123456789abcdef"

    /// A path of this system as the test sees it: `etc`, `run` or `lib`, which is /var/lib.
    func path(_ name: String) -> String { scratch.path(name) }

    func write(_ name: String, _ text: String) throws {
        try text.write(toFile: scratch.path(name), atomically: false, encoding: .utf8)
    }

    func read(_ name: String) -> String? { try? String(contentsOfFile: scratch.path(name), encoding: .utf8) }

    func names(in folder: String) -> [String] { Scratch.names(in: scratch.path(folder)).sorted() }

    /// Puts a script before the program of that name.
    func replace(_ program: String, by script: String) throws {
        try write("bin/\(program)", "#!/bin/sh\n\(script)\n")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: scratch.path("bin/\(program)"))
    }

    /// A program that only tells that it was called.
    func trace(_ program: String) throws { try replace(program, by: "echo \"\(program) $*\" >>/run/trace") }

    /// What the programs were called with so far, but for questions.
    var calls: [String] {
        (read("run/trace") ?? "").split(separator: "\n").map(String.init).filter { !$0.contains("is-active") }
    }

    /// What a hook has said, and how it ended.
    struct Outcome {
        var code: Int32
        var lines: [String]
    }

    /// - Parameters:
    ///   - then: what is looked at after it, in words of the shell: its lines follow those of the hook.
    @discardableResult
    func run(
        _ hook: String, phase: String = "changed", cause: String = "resume", arguments: String = "",
        then: String = "true"
    ) throws -> Outcome {
        let file = Built.project.appending(path: "hooks/\(hook)").path
        let program = try RunningProgram(
            "/usr/bin/unshare",
            [
                "--mount", "--uts", "--propagation", "private", "/bin/sh", "-euc",
                """
                for folder in etc run; do mount --bind "$1/$folder" "/$folder"; done
                mount --bind "$1/lib" /var/lib
                \(preparation)
                code=0
                env -i PATH="$1/bin:/usr/sbin:/usr/bin:/sbin:/bin" LANG=C.UTF-8 SYSGENID_PHASE=\(phase) \
                    SYSGENID_GENERATION=1 SYSGENID_CAUSE=\(cause) "$2" \(arguments) </dev/null || code=$?
                \(then)
                exit $code
                """, "sh", scratch.path, file,
            ])
        return Outcome(code: try program.exitCode(), lines: program.lines)
    }
}
