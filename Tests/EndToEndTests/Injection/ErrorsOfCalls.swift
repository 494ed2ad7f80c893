/// Which errors the manual page of each system call names; of those that have none of their own, what the kernel gives.
enum ErrorsOfCalls {
    /// The errors of a call, of which `descriptor` says what it is made on.
    static func errors(of call: String, on descriptor: String) -> [Int32] {
        let names = descriptor == "/dev/fuse" ? ofConnection[call] ?? ofCalls[call] : ofCalls[call]
        return (names ?? "").split(separator: " ").map { name in
            guard let number = ErrorNumbers.numbers[String(name)] else { fatalError("there is no error \(name)") }
            return number
        }
    }

    static func isKnown(_ call: String) -> Bool { ofCalls[call] != nil }

    private static let ofPaths = "EACCES EFAULT ELOOP ENAMETOOLONG ENOENT ENOMEM ENOTDIR"
    private static let ofDescriptors = "EMFILE ENFILE ENODEV ENOMEM EINVAL"

    /// See fuse(4). ENOENT of a write, by which the kernel says that nobody waits for the answer any more, is no failure:
    /// who says so falsely lets a client wait for ever.
    private static let ofConnection = [
        "read": "E2BIG EAGAIN EINTR EINVAL EIO ENODEV ENOENT EPERM",
        "write": "EINTR EINVAL ENODEV EPERM",
        "writev": "EINTR EINVAL ENODEV EPERM",
        "ioctl": "EBADF EINVAL EIO ENODEV ENOMEM ENOTTY EOPNOTSUPP EPERM",
    ]

    private static let ofCalls = [
        "access": "\(ofPaths) EINVAL EIO EPERM EROFS ETXTBSY",
        "capget": "EFAULT EINVAL EPERM ESRCH",
        "capset": "EFAULT EINVAL EPERM ESRCH",
        "chmod": "\(ofPaths) EIO ENOTSUP EPERM EROFS",
        "chown": "\(ofPaths) EINVAL EIO EPERM EROFS",
        "clone": "EAGAIN EINVAL ENOMEM ENOSPC EPERM",
        "clone3": "EACCES EAGAIN EBUSY EINVAL ENOMEM ENOSPC EPERM",
        "close": "EBADF EDQUOT EINTR EIO ENOSPC",
        "connect": "EACCES EADDRINUSE EAGAIN ECONNREFUSED EINTR ENOENT ENOTSOCK EPERM EPROTOTYPE",
        "dup3": "EBADF EBUSY EINTR EINVAL EMFILE",
        "eventfd2": ofDescriptors,
        "faccessat": "\(ofPaths) EINVAL EIO EPERM EROFS",
        "faccessat2": "\(ofPaths) EINVAL EIO EPERM EROFS",
        "fallocate": "EBADF EFBIG EINTR EINVAL EIO ENODEV ENOSPC EOPNOTSUPP EPERM",
        "fchmod": "EBADF EIO EPERM EROFS ENOTSUP",
        "fchmodat": "\(ofPaths) EIO ENOTSUP EPERM EROFS",
        "fchown": "EBADF EIO EPERM EROFS",
        "fchownat": "\(ofPaths) EIO EPERM EROFS",
        "fcntl": "EACCES EAGAIN EBADF EBUSY EINVAL EMFILE EPERM",
        "flock": "EBADF EINTR EINVAL ENOLCK EWOULDBLOCK",
        "fstat": "EBADF EFAULT ENOMEM EOVERFLOW",
        "fstatfs": "EBADF EFAULT EINTR EIO ENOMEM ENOSYS EOVERFLOW",
        "ftruncate": "EACCES EBADF EFBIG EINTR EINVAL EIO EPERM EROFS ETXTBSY",
        "getdents64": "EBADF EFAULT EINVAL ENOENT ENOTDIR",
        "getgroups": "EFAULT EINVAL",
        "getrandom": "EAGAIN EFAULT EINTR EINVAL ENOSYS",
        "inotify_add_watch": "\(ofPaths) EBADF EEXIST EINVAL ENOSPC",
        "inotify_init1": "EINVAL EMFILE ENFILE ENOMEM",
        "ioctl": "EBADF EFAULT EINVAL ENOTTY EPERM",
        "lseek": "EBADF EINVAL ENXIO EOVERFLOW ESPIPE",
        "lstat": "\(ofPaths) EOVERFLOW",
        "memfd_create": "EFAULT EINVAL EMFILE ENFILE ENOMEM EPERM",
        "mkdir": "\(ofPaths) EDQUOT EEXIST EMLINK ENOSPC EPERM EROFS",
        "mlockall": "EAGAIN EINVAL ENOMEM EPERM",
        "mmap": "EACCES EAGAIN EBADF EINVAL ENFILE ENODEV ENOMEM EOVERFLOW EPERM ETXTBSY",
        "mount": "\(ofPaths) EBUSY EINVAL EMFILE ENODEV ENOTBLK ENXIO EPERM EROFS",
        "newfstatat": "\(ofPaths) EBADF EINVAL EOVERFLOW",
        "openat": """
        \(ofPaths) EBUSY EDQUOT EEXIST EFBIG EINTR EINVAL EISDIR EMFILE ENFILE ENODEV ENOSPC ENXIO EOPNOTSUPP \
        EOVERFLOW EPERM EROFS ETXTBSY EWOULDBLOCK
        """,
        "poll": "EFAULT EINTR EINVAL ENOMEM",
        "ppoll": "EFAULT EINTR EINVAL ENOMEM",
        "prctl": "EACCES EBADF EBUSY EFAULT EINVAL ENODEV ENXIO EOPNOTSUPP EPERM ERANGE",
        "pread64": "EAGAIN EBADF EFAULT EINTR EINVAL EIO EISDIR ENXIO EOVERFLOW ESPIPE",
        "prlimit64": "EFAULT EINVAL EPERM ESRCH",
        "pwrite64": "EAGAIN EBADF EDQUOT EFAULT EFBIG EINTR EINVAL EIO ENOSPC ENXIO EOVERFLOW EPERM ESPIPE",
        "read": "EAGAIN EBADF EFAULT EINTR EINVAL EIO EISDIR",
        "readlink": "\(ofPaths) EINVAL EIO",
        "recvfrom": "EAGAIN EBADF ECONNREFUSED EFAULT EINTR EINVAL ENOMEM ENOTCONN ENOTSOCK",
        "recvmsg": "EAGAIN EBADF ECONNREFUSED EFAULT EINTR EINVAL ENOMEM ENOTCONN ENOTSOCK",
        "rename": "\(ofPaths) EBUSY EDQUOT EINVAL EISDIR EMLINK ENOSPC ENOTEMPTY EPERM EROFS EXDEV",
        "rt_sigaction": "EFAULT EINVAL",
        "rt_sigprocmask": "EFAULT EINVAL",
        "seccomp": "EACCES EBUSY EFAULT EINVAL ENOMEM EOPNOTSUPP ESRCH",
        "sendmsg": """
        EACCES EAGAIN EBADF ECONNREFUSED ECONNRESET EDESTADDRREQ EFAULT EINTR EINVAL EISCONN EMSGSIZE ENOBUFS ENOMEM \
        ENOTCONN ENOTSOCK EOPNOTSUPP EPIPE ETOOMANYREFS
        """,
        "sendto": """
        EACCES EAGAIN EBADF ECONNREFUSED ECONNRESET EDESTADDRREQ EFAULT EINTR EINVAL EISCONN EMSGSIZE ENOBUFS ENOMEM \
        ENOTCONN ENOTSOCK EOPNOTSUPP EPIPE
        """,
        "setgroups": "EINVAL ENOMEM EPERM",
        "setsockopt": "EBADF EFAULT EINVAL ENOPROTOOPT ENOTSOCK",
        "signalfd4": ofDescriptors,
        "socket": "EACCES EAFNOSUPPORT EINVAL EMFILE ENFILE ENOBUFS ENOMEM EPROTONOSUPPORT",
        "socketpair": "EAFNOSUPPORT EFAULT EMFILE ENFILE EOPNOTSUPP EPROTONOSUPPORT",
        "statfs": "\(ofPaths) EINTR EIO ENOSYS EOVERFLOW",
        "statx": "\(ofPaths) EBADF EINVAL",
        "tgkill": "EAGAIN EINVAL EPERM ESRCH",
        "timerfd_create": ofDescriptors + " EPERM",
        "timerfd_settime": "EBADF EFAULT EINVAL ECANCELED",
        "umount2": "\(ofPaths) EAGAIN EBUSY EINVAL EPERM",
        "unlink": "\(ofPaths) EBUSY EIO EISDIR EPERM EROFS",
        "write": "EAGAIN EBADF EDESTADDRREQ EDQUOT EFAULT EFBIG EINTR EINVAL EIO ENOSPC EPERM EPIPE",
        "writev": "EAGAIN EBADF EDESTADDRREQ EDQUOT EFAULT EFBIG EINTR EINVAL EIO ENOSPC EOPNOTSUPP EPERM EPIPE",
    ]
}
