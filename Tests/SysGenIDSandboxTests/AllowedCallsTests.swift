import Testing

@testable import SysGenIDSandbox

/// The list itself.
struct AllowedCallsTests {
    private let names = AllowedCalls.groups.flatMap(\.names)
    private let conditional = AllowedCalls.conditional.map(\.name)

    @Test func eachCallIsNamedOnce() {
        let all = names + conditional
        #expect(Set(all).count == all.count)
    }

    @Test func eachGroupSaysWhatItIsFor() {
        #expect(AllowedCalls.groups.allSatisfy { !$0.purpose.isEmpty && !$0.names.isEmpty })
    }

    @Test(
        "nothing is there that leads out of the daemon",
        arguments: [
            ["mount", "fsopen", "open_tree", "move_mount", "pivot_root", "chroot", "setns", "unshare"],
            ["execve", "execveat", "fork", "vfork", "clone", "clone3"],
            ["ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd", "kill", "tkill", "rt_sigqueueinfo"],
            ["socket", "socketpair", "connect", "bind", "listen", "accept", "accept4", "sendmsg"],
            ["setuid", "setresuid", "setgid", "setgroups", "capset", "prctl", "seccomp", "personality"],
            ["bpf", "perf_event_open", "init_module", "finit_module", "kexec_load", "reboot", "iopl", "ioperm"],
            ["open_by_handle_at", "name_to_handle_at", "mknod", "mknodat", "chmod", "fchmodat", "chown", "fchown"],
            ["memfd_create", "shmat", "pkey_mprotect", "remap_file_pages", "userfaultfd", "io_uring_setup"],
        ])
    func absent(_ forbidden: [String]) {
        #expect(Set(forbidden).isDisjoint(with: names + conditional))
    }
}
