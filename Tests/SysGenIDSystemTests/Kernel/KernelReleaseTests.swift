import SysGenIDSystem
import TestSupport
import Testing

@Suite struct KernelReleaseTests {
    @Test(arguments: [
        ("6.18.44-x", true), ("6.9.0", true), ("6.8.12-generic", false), ("6.1.0-40-amd64", false), ("7.0-rc1", true),
        ("10.2", true), ("5.15", false), ("", false), ("nonsense", false), ("6", false), ("6.x", false),
    ])
    func passthroughCameWith6_9(_ release: String, _ expected: Bool) {
        #expect(KernelRelease(release).hasFusePassthrough == expected)
    }

    @Test func theReleaseIsReadBelowTheSystemRoot() throws {
        let root = try Scratch()
        try Files.makeDirectories(root.path("proc/sys/kernel"), permissions: 0o755)
        try Files.replace(
            root.path("proc/sys/kernel/osrelease"), with: Array("5.10.0-1\n".utf8), permissions: 0o644)
        let release = try KernelRelease.current(systemRoot: root.path)
        #expect(release.description == "5.10.0-1")
        #expect((release.major, release.minor) == (5, 10))
    }
}
