internal import Glibc

/// The system calls that a daemon makes which has opened all that it serves from. All others are refused.
///
/// Calls of the same effect are named together, since the C library makes one or the other by its version and by
/// the processor; a name that a processor does not have is left out.
enum AllowedCalls {
    struct Group: Sendable {
        /// What the calls are for.
        var purpose: String
        var names: [String]
    }

    static let groups = [
        Group(
            purpose: "requests, replies, signals between threads, timers: all are descriptors that are open",
            names: ["read", "write", "writev", "pread64", "pwrite64", "close", "timerfd_settime"]),
        Group(purpose: "waiting for them", names: ["poll", "ppoll"]),
        Group(purpose: "uevents of the kernel, and messages to the service manager", names: ["recvmsg", "sendto"]),
        Group(
            purpose: "looking at an identity in a file, and at who opened the device, below /proc",
            names: [
                "open", "openat", "lseek", "fstat", "stat", "lstat", "newfstatat", "statx", "getdents64", "readlink",
                "readlinkat", "access", "faccessat", "faccessat2", "inotify_init1", "inotify_add_watch",
            ]),
        Group(
            purpose: "publishing attributes, and taking them and the placeholder away at the end",
            names: ["fchmod", "rename", "renameat", "renameat2", "unlink", "unlinkat"]),
        Group(purpose: "whether a client may trigger a change", names: ["capget"]),
        Group(purpose: "taking the counter file's mount away at the end", names: ["umount2"]),
        Group(
            purpose: "memory of the C library and of Swift; mmap and mprotect are below",
            names: ["brk", "munmap", "mremap", "madvise"]),
        Group(
            purpose: "locks and threads that end; none begins any more",
            names: ["futex", "sched_yield", "sched_getaffinity", "exit", "exit_group"]),
        Group(
            purpose: "signals: the wake signal, and those by which a process crashes; tgkill is below",
            names: ["rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack", "restart_syscall"]),
        Group(
            purpose: "clocks, where the kernel does not let the C library read them by itself",
            names: ["clock_gettime", "gettimeofday", "time"]),
        Group(purpose: "who this is; seeds of Swift's hash tables", names: ["getpid", "gettid", "getrandom"]),
    ]

    /// A call that is allowed by one of its arguments only.
    struct Conditional: Sendable {
        var name: String
        var argument: UInt32
        var condition: Condition

        enum Condition: Sendable {
            case equals(UInt64)
            /// Of others it is as if the call were not on the list.
            case isOneOf([UInt64])
            case hasNone(ofBits: UInt64)
        }
    }

    /// Of a daemon that drives the device of somebody else: the triggers of both versions of linux/sysgenid.h, and the
    /// count of outdated files of the older one.
    static let driving = Conditional(name: "ioctl", argument: 1, condition: .isOneOf([0xe403, 0x2d03, 0x2d01]))

    static let conditional = [
        // No code can be made: what is mapped or changed is not executable.
        Conditional(name: "mmap", argument: 2, condition: .hasNone(ofBits: UInt64(PROT_EXEC))),
        Conditional(name: "mprotect", argument: 2, condition: .hasNone(ofBits: UInt64(PROT_EXEC))),
        // RNDADDENTROPY and RNDRESEEDCRNG of linux/random.h: the kernel's random pool is reseeded at each resume.
        // NS_GET_PARENT and NS_GET_OWNER_UID of linux/nsfs.h: whose the user namespace is of one who opens the device.
        // FUSE_DEV_IOC_BACKING_OPEN and FUSE_DEV_IOC_BACKING_CLOSE of linux/fuse.h: the pages of containers' devices.
        Conditional(
            name: "ioctl", argument: 1,
            condition: .isOneOf([0x4008_5203, 0x5207, 0xb702, 0xb704, 0x4010_e501, 0x4004_e502])),
        // Signals to own threads only: to wake them, and to abort.
        Conditional(name: "tgkill", argument: 0, condition: .equals(UInt64(getpid()))),
    ]
}
