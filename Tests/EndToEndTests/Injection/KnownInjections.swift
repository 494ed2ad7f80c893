import Glibc

/// Failures that were not borne once, or of which nobody was told. They are always tried, whatever else is chosen.
enum KnownInjections {
    static func of(_ phase: String) -> [Injection] {
        (lists[phase] ?? []).flatMap { entry in
            entry.ordinals.map { Injection(site: entry.site, ordinal: $0, result: -entry.error) }
        }
    }

    private static let lists: [String: [(site: String, ordinals: ClosedRange<Int>, error: Int32)]] = [
        "start": [
            // SIGTERM would have ended the daemon at once, and left the mount.
            ("rt_sigprocmask 0x2", 1...1, EINVAL),
            ("rt_sigaction 0xd", 1...1, EINVAL),
            // The start waited for ever for a thread that had begun.
            ("write anon_inode:[eventfd]", 1...6, EIO),
            // The message named something else.
            ("dup3 socket:[N]", 1...1, EMFILE),
        ],
        "request": [
            // The client waited for ever for an answer that was lost.
            ("writev /dev/fuse", 1...8, EINVAL),
            // From then on nobody might trigger any more.
            ("readlink /proc/self", 1...1, EIO),
            ("readlink /proc/self/ns/user", 1...1, EIO),
            // The message said that somebody had unmounted the device.
            ("read /dev/fuse", 2...2, EIO),
        ],
        "change": [
            ("writev /dev/fuse", 1...1, EINVAL),
            // A sleeping poll was not woken.
            ("write /dev/fuse", 1...1, EINVAL),
            // A successor began at the generation before.
            ("pwrite64 RUNTIME/state", 1...1, EIO),
        ],
        "takeover": [
            // The manager waited for ever for a daemon that served.
            ("socket 0x1 0x80002", 1...1, EMFILE),
            ("sendto socket:[N]", 1...2, ENOBUFS),
            // It took the path for free, and waited for ever for the daemon that it was itself.
            ("openat /proc/thread-self/mountinfo", 1...3, ENFILE),
            // It ends only when it has told the manager that it is ready.
            ("read /dev/fuse", 1...3, ENODEV),
        ],
        "stop": [
            // The mount was left, and nobody told.
            ("umount2 FOLDER/sysgenid", 1...1, EBUSY),
            ("openat /proc/thread-self/mountinfo", 1...1, EMFILE),
            ("read /proc/N/task/N/mountinfo", 1...1, EINVAL),
            ("newfstatat FOLDER/sysgenid", 1...1, ENOMEM),
            ("unlink FOLDER/sysgenid", 1...1, EBUSY),
        ],
    ]
}
