import Foundation
import TestSupport
import Testing

/// The service as systemd sees it.
@Suite(.needsProgram("/usr/bin/systemd-analyze")) struct Unit {
    private static let overseer = [
        "sysgenid-overseerd.service", "sysgenid-overseerd.socket", "sysgenid-overseerd-vsock.socket",
        "sysgenid-changed.target",
    ]
    private static let source = Built.project.appending(path: "systemd/sysgenidd.service")

    @Test func systemdHasNothingToSay() throws {
        let scratch = try Scratch()
        let unit = try String(contentsOf: Self.source, encoding: .utf8)
        #expect(unit.contains("ExecStart=/usr/sbin/sysgenidd "))
        // It looks for the program, too, which is not installed here.
        let built = unit.replacing("/usr/sbin/sysgenidd", with: Built.path(of: "sysgenidd"))
        let installed = scratch.path("sysgenidd.service")
        try built.write(toFile: installed, atomically: true, encoding: .utf8)
        let verification = try analyze("verify", "--man=no", installed)
        #expect(try verification.exitCode() == 0)
        #expect(verification.text == "")

        try built.replacing("RestrictRealtime=yes", with: "RestrictRealtime=maybe")
            .write(toFile: installed, atomically: true, encoding: .utf8)
        let broken = try analyze("verify", "--man=no", installed)
        _ = try broken.exitCode()
        #expect(broken.text.contains("maybe"))
    }

    @Test func norHasItOfTheOverseers() throws {
        let scratch = try Scratch()
        let files = try Self.overseer.map { name in
            let unit = try String(contentsOf: Built.project.appending(path: "systemd/\(name)"), encoding: .utf8)
            let file = scratch.path(name)
            try unit.replacing("/usr/sbin/sysgenid-overseerd", with: Built.path(of: "sysgenidd"))
                .write(toFile: file, atomically: true, encoding: .utf8)
            return file
        }
        let verification = try analyze(["verify", "--man=no"] + files)
        #expect(try verification.exitCode() == 0)
        #expect(verification.text == "")
    }

    /// Hooks are its children, and renew whatever a system has: docs/service.md has the figure.
    @Test func theExposureOfTheOverseerIsWhatHooksNeed() throws {
        let path = Built.project.appending(path: "systemd/\(Self.overseer[0])").path
        #expect(try analyze("security", "--offline=yes", "--threshold=84", path).exitCode() == 0)
        #expect(try document("service.md").contains("`systemd-analyze security sysgenid-overseerd` says 8.4."))
    }

    @Test func theExposureIsThreeAtMost() throws {
        let path = Self.source.path
        let assessment = try analyze("security", "--offline=yes", "--threshold=30", path)
        #expect(try assessment.exitCode() == 0, "\(assessment.lines.last ?? "")")
        #expect(try analyze("security", "--offline=yes", "--threshold=20", path).exitCode() != 0)
    }

    @Test func everyLineIsExplained() throws {
        let unit = try String(contentsOf: Self.source, encoding: .utf8)
        let service = try document("service.md")
        let security = try document("security.md")
        let names = Set(unit.matches(of: /(?m)^([A-Za-z]+)=/).map { String($0.output.1) })
        #expect(names.count > 30)
        let others = try Self.overseer.flatMap { name in
            try String(contentsOf: Built.project.appending(path: "systemd/\(name)"), encoding: .utf8)
                .matches(of: /(?m)^([A-Za-z]+)=/).map { String($0.output.1) }
        }
        for name in names.union(others) {
            #expect(service.contains("`\(name)=`"), "docs/service.md does not explain \(name)=")
        }
        let capabilities = Set(unit.matches(of: /CAP_[A-Z_]+/).map { String($0.output) })
        #expect(capabilities.count > 3)
        let devices = Set(unit.matches(of: /DeviceAllow=(\S+)/).map { String($0.output.1) })
        for name in capabilities.union(devices) {
            #expect(security.contains("`\(name)`"), "docs/security.md does not explain \(name)")
        }
    }

    /// What `make install` installs is what the table in docs/service.md names.
    @Test func everyInstalledFileIsExplained() throws {
        let scratch = try Scratch()
        let install = try RunningProgram(
            "/usr/bin/make",
            ["-C", Built.project.path, "install", "install-overseer", "PREFIX=/usr", "DESTDIR=\(scratch.path)"]
                + ["PACKAGE_PROGRAMS=\(Built.folder.path)"])
        #expect(try install.exitCode() == 0, "\(install.text)")
        let files = try FileManager.default.subpathsOfDirectory(atPath: scratch.path).filter { path in
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: scratch.path(path), isDirectory: &isFolder)
                && !isFolder.boolValue
        }
        let rows = try document("service.md").matches(of: /(?m)^\| `(\/[^` ]+)` \|/).map { String($0.output.1) }
        #expect(Set(files.map { "/\($0)" }) == Set(rows))

        for name in ["sysgenidd.service"] + Self.overseer {
            let source = Built.project.appending(path: "systemd/\(name)")
            let unit = try String(contentsOfFile: scratch.path("usr/lib/systemd/system/\(name)"), encoding: .utf8)
            #expect(try unit == String(contentsOf: source, encoding: .utf8))
        }
        let description = try String(contentsOfFile: scratch.path("usr/share/pkgconfig/sysgenid.pc"), encoding: .utf8)
        let version = try RunningProgram(Built.path(of: "sysgenidd"), ["--version"])
        #expect(try version.exitCode() == 0)
        let words = (version.lines.first ?? "").split(separator: " ", maxSplits: 1)
        #expect(words.last?.contains(/^\(libfuse 3\.[0-9]+\.[0-9]+\)$/) == true, "\(version.text)")
        #expect(description.contains("Version: \(words.first ?? "none")\n"))
    }

    private func analyze(_ arguments: String...) throws -> RunningProgram { try analyze(arguments) }

    private func analyze(_ arguments: [String]) throws -> RunningProgram {
        try RunningProgram("/usr/bin/systemd-analyze", arguments, environment: ["SYSTEMD_COLORS": "0"])
    }

    private func document(_ name: String) throws -> String {
        try String(contentsOf: Built.project.appending(path: "docs/\(name)"), encoding: .utf8)
    }
}
