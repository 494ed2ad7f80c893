import Glibc
import TestSupport
import Testing

@testable import SysGenIDOverseer

@Suite("HookDirectory")
struct HookDirectoryTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    private func write(_ name: String, _ text: String = "#!/bin/sh\n", mode: mode_t = 0o755) {
        let file = open(scratch.path(name), O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        #expect(file >= 0)
        Glibc.write(file, text, text.utf8.count)
        fchmod(file, mode)
        close(file)
    }

    private func kind(of name: String) -> HookPlan.Listing.Kind? {
        HookDirectory.listing(of: scratch.path).entries[name]
    }

    @Test("a directory that is missing is empty")
    func missing() {
        #expect(HookDirectory.listing(of: scratch.path("none")) == .init(path: scratch.path("none")))
    }

    @Test("an executable of its own user, and a link to one, can be run")
    func runnable() {
        write("50-a")
        #expect(symlink(scratch.path("50-a"), scratch.path("60-b")) == 0)
        #expect(kind(of: "50-a") == .runnable)
        #expect(kind(of: "60-b") == .runnable)
    }

    @Test("a link to /dev/null and an empty file mask")
    func masks() {
        #expect(symlink("/dev/null", scratch.path("50-a")) == 0)
        write("60-b", "", mode: 0o644)
        #expect(symlink("50-a", scratch.path("70-c")) == 0)
        #expect(kind(of: "50-a") == .mask)
        #expect(kind(of: "60-b") == .mask)
        #expect(kind(of: "70-c") == .mask)
    }

    @Test("what is not executable, no file, or leads nowhere is refused")
    func refusals() {
        write("10-a", mode: 0o644)
        #expect(mkdir(scratch.path("20-b"), 0o755) == 0)
        #expect(symlink("/nowhere", scratch.path("30-c")) == 0)
        #expect(symlink("/dev/zero", scratch.path("40-d")) == 0)
        #expect(kind(of: "10-a") == .refused("it is not executable"))
        #expect(kind(of: "20-b") == .refused("it is no regular file"))
        #expect(kind(of: "30-c") == .refused("No such file or directory"))
        #expect(kind(of: "40-d") == .refused("it is no regular file"))
    }

    @Test("what others may write to is refused", arguments: [0o775, 0o757] as [mode_t])
    func writable(mode: mode_t) {
        write("50-a", mode: mode)
        #expect(kind(of: "50-a") == .refused("others than its owner may write to it"))
        chmod(scratch.path, mode)
        let listing = HookDirectory.listing(of: scratch.path)
        #expect(listing.objection == "others than its owner may write to it")
        #expect(listing.entries == [:])
    }

    @Test("a hook of somebody else is refused", .enabled(if: getuid() == 0, "needs root to give a file away"))
    func owner() {
        write("50-a")
        #expect(chown(scratch.path("50-a"), 65_534, 65_534) == 0)
        #expect(kind(of: "50-a") == .refused("it belongs to user 65534, and not to root"))
    }

    @Test("a directory with more than can be is refused whole")
    func tooMany() {
        for number in 0..<257 { write("50-\(number)") }
        let listing = HookDirectory.listing(of: scratch.path)
        #expect(listing.objection != nil && listing.entries == [:])
    }
}
