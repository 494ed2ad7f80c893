// What would change the file, and what opens it anew, hands it on, or watches it.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "adversary.h"

static long call_truncate(struct attacker *attacker) {
    off_t length = any_offset(attacker);
    return one_in(attacker, 2) ? ftruncate(any_descriptor(attacker), length) : truncate(attacker->path, length);
}

static long call_fallocate(struct attacker *attacker) {
    return fallocate(any_descriptor(attacker), below(attacker, 128), any_offset(attacker), any_offset(attacker));
}

static long call_change_owner(struct attacker *attacker) {
    int fd = any_descriptor(attacker);
    switch (below(attacker, 4)) {
    case 0: return fchmod(fd, (mode_t)below(attacker, 07777));
    case 1: return fchown(fd, geteuid(), getegid());
    case 2: return futimens(fd, NULL);
    default: return syscall(SYS_fchmodat, AT_FDCWD, attacker->path, 0777);
    }
}

static long call_set_xattr(struct attacker *attacker) {
    static const char *const names[] = {"user.a", "security.selinux", "security.capability", "trusted.a"};
    const char *name = names[below(attacker, 4)];
    if (one_in(attacker, 3)) return fremovexattr(any_descriptor(attacker), name);
    return fsetxattr(any_descriptor(attacker), name, "text", 4, below(attacker, 3));
}

const struct call change_calls[] = {
    {"ftruncate", call_truncate}, {"fallocate", call_fallocate}, {"fchmod, fchown", call_change_owner},
    {"fsetxattr", call_set_xattr}, {0}};

static int any_open_flags(struct attacker *attacker) {
    int flags = (int)any_of(attacker, O_RDONLY, O_RDONLY, O_RDONLY, O_RDONLY, O_WRONLY, O_RDWR, O_ACCMODE);
    static const int more[] = {O_NONBLOCK, O_DIRECT, O_NOATIME, O_PATH, O_TRUNC, O_APPEND, O_SYNC, O_DSYNC, O_ASYNC,
        O_NOFOLLOW, O_CREAT, O_EXCL, O_DIRECTORY, O_TMPFILE, O_NOCTTY, O_LARGEFILE};
    for (int count = below(attacker, 3); count > 0; count--)
        flags |= more[below(attacker, sizeof more / sizeof *more)];
    return flags | O_CLOEXEC;
}

// Opens it in place of one of the descriptors, so that they stay what others use.
static long take_place(struct attacker *attacker, long fd) {
    if (fd == -1) return -1;
    int place = any_descriptor(attacker);
    long result = place > 2 ? dup3((int)fd, place, O_CLOEXEC) : 0;
    int error = errno;
    close((int)fd);
    errno = error;
    return result;
}

static long call_open(struct attacker *attacker) {
    return take_place(attacker, open(attacker->path, any_open_flags(attacker), 0600));
}

static long call_open_and_close(struct attacker *attacker) {
    int fd = open(attacker->path, any_open_flags(attacker), 0600);
    return fd == -1 ? -1 : close(fd);
}

static long call_open_by_descriptor(struct attacker *attacker) {
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", any_descriptor(attacker));
    return take_place(attacker, open(path, any_open_flags(attacker), 0600));
}

static long call_openat2(struct attacker *attacker) {
    struct open_how how = {
        .flags = (unsigned)any_open_flags(attacker) & ~(unsigned)(O_CREAT | O_TMPFILE),
        .resolve = 1U << below(attacker, 6)};
    return take_place(attacker, syscall(SYS_openat2, AT_FDCWD, attacker->path, &how, sizeof how));
}

static long call_dup(struct attacker *attacker) {
    int fd = any_descriptor(attacker), other = any_descriptor(attacker);
    if (one_in(attacker, 2)) return keep(attacker, dup(fd));
    return other > 2 ? dup2(fd, other) : fcntl(fd, F_DUPFD_CLOEXEC, 300);
}

// Descriptors that are in flight, and sometimes never arrive; the socket itself may be among them.
static long call_pass(struct attacker *attacker) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) == -1) return -1;
    int count = 1 + below(attacker, 4);
    char byte = 0, control[CMSG_SPACE(4 * sizeof(int))] = {0};
    struct iovec part = {&byte, 1};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = CMSG_SPACE(count * sizeof(int))};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    *header = (struct cmsghdr){
        .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(count * sizeof(int))};
    for (int index = 0; index < count; index++)
        ((int *)CMSG_DATA(header))[index] = one_in(attacker, 8) ? ends[1] : any_descriptor(attacker);
    long result = sendmsg(ends[0], &message, 0);
    if (result == 1 && one_in(attacker, 2)) {
        message.msg_controllen = sizeof control;
        result = recvmsg(ends[1], &message, MSG_CMSG_CLOEXEC);
        header = CMSG_FIRSTHDR(&message);
        for (size_t at = 0; header && at < (header->cmsg_len - CMSG_LEN(0)) / sizeof(int); at++)
            keep(attacker, ((int *)CMSG_DATA(header))[at]);
    }
    keep(attacker, ends[0]);
    keep(attacker, ends[1]);
    return result;
}

static long call_inotify(struct attacker *attacker) {
    int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (fd == -1) return -1;
    int watch = inotify_add_watch(fd, attacker->path, IN_ALL_EVENTS);
    keep(attacker, fd);
    return watch;
}

static long call_fanotify(struct attacker *attacker) {
    int fd = fanotify_init(FAN_CLASS_NOTIF | FAN_REPORT_FID | FAN_NONBLOCK | FAN_CLOEXEC, O_RDONLY);
    if (fd == -1) return -1;
    int mark = fanotify_mark(fd, FAN_MARK_ADD, FAN_OPEN | FAN_ACCESS | FAN_CLOSE, AT_FDCWD, attacker->path);
    keep(attacker, fd);
    return mark;
}

static long call_handle(struct attacker *attacker) {
    union {
        struct file_handle handle;
        char space[sizeof(struct file_handle) + MAX_HANDLE_SZ];
    } room = {.handle = {.handle_bytes = MAX_HANDLE_SZ}};
    int mount;
    if (name_to_handle_at(any_descriptor(attacker), "", &room.handle, &mount, AT_EMPTY_PATH) == -1) return -1;
    return keep(attacker, open_by_handle_at(any_descriptor(attacker), &room.handle, O_RDONLY | O_CLOEXEC));
}

static long call_open_tree(struct attacker *attacker) {
    // OPEN_TREE_CLOEXEC, and OPEN_TREE_CLONE for those who may mount somewhere.
    unsigned flags = O_CLOEXEC | (unsigned)below(attacker, 2);
    return keep(attacker, syscall(SYS_open_tree, AT_FDCWD, attacker->path, flags));
}

const struct call open_calls[] = {
    {"open", call_open}, {"open and close", call_open_and_close}, {"open /proc/self/fd", call_open_by_descriptor},
    {"openat2", call_openat2}, {"dup", call_dup}, {"SCM_RIGHTS", call_pass}, {"inotify", call_inotify},
    {"fanotify", call_fanotify}, {"name_to_handle_at", call_handle}, {"open_tree", call_open_tree}, {0}};
