import Testing

@testable import SysGenIDSystem

/// Which part of a control group's path is not its inhabitants' own word.
struct ControlGroupsTests {
    @Test(
        arguments: [
            ("0::/system.slice/nginx.service\n", "/system.slice/nginx.service"),
            (
                "0::/system.slice/system-getty.slice/getty@tty1.service\n",
                "/system.slice/system-getty.slice/getty@tty1.service"
            ),
            ("0::/user.slice/user-1000.slice/session-3.scope\n", "/user.slice/user-1000.slice"),
            ("0::/user.slice/user-1000.slice/user@1000.service/app.slice/x.scope\n", "/user.slice/user-1000.slice"),
            ("0::/user.slice\n", "/user.slice"),
            ("0::/system.slice/docker-0a1b.scope\n", "/system.slice/docker-0a1b.scope"),
            ("0::/machine.slice/machine-a.scope/payload/user.slice/user-7.slice\n", "/machine.slice/machine-a.scope"),
            (
                "0::/kubepods.slice/kubepods-pod1.slice/cri-containerd-2.scope/x/y\n",
                "/kubepods.slice/kubepods-pod1.slice/cri-containerd-2.scope"
            ),
            ("0::/docker/0a1b\n", "/docker/0a1b"), ("0::/kubepods/burstable/podb/c\n", "/kubepods/burstable/podb/c"),
            ("0::/lxc.payload.a/init.scope/b\n", "/lxc.payload.a/init.scope/b"),
            ("0::/../../system.slice/a.service\n", "/system.slice/a.service"), ("0::/..\n", nil), ("0::/\n", nil),
            ("4:memory:/a\n1:name=systemd:/b\n0::/c.service/d\n", "/c.service"), ("4:memory:/0::/a\n", nil),
            ("1:name=systemd:/b\n", nil), ("", nil), ("0::", nil),
            ("0::/a.service (deleted)\n", "/a.service (deleted)"),
        ] as [(String, String?)])
    func thePathIsCutWhereItIsGivenAway(_ text: String, _ unit: String?) {
        let found = ControlGroups.unit(in: Array(text.utf8), isWhole: true)
        #expect(found.map { String(decoding: $0, as: UTF8.self) } == unit)
    }

    @Test func whoHidesTheLineIsCountedWithTheOthersWhoDo() {
        let long = Array("1:name=systemd:/\(String(repeating: "a", count: 5_000))\n".utf8).prefix(4_096)
        let other = Array("1:name=systemd:/\(String(repeating: "b", count: 5_000))\n".utf8).prefix(4_096)
        let hidden = ControlGroups.unit(in: long, isWhole: false)
        #expect(hidden != nil)
        #expect(hidden == ControlGroups.unit(in: other, isWhole: false))
    }

    @Test func anOpenFileSaysTheSame() throws {
        guard let file = ControlGroups.file(of: OwnProcess.id) else { return }
        for _ in 0..<2 { #expect(ControlGroups.unit(in: file) == ControlGroups.unit(of: OwnProcess.id)) }
        #expect(ControlGroups.unit(of: -1) == nil)
    }
}
