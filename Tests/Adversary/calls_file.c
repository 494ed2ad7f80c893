// Reading, writing, locking, asking and changing what a descriptor stands for.

#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/fiemap.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "adversary.h"
#include "linux/sysgenid.h"

// A buffer of its own, or a mapping, which may be of the device itself.
static char *any_buffer(struct attacker *attacker, size_t *size) {
    *size = any_size(attacker);
    if (*size > 65536 && !one_in(attacker, 4)) *size = 65536;
    struct mapping *mapping = &attacker->mappings[below(attacker, MAPPINGS)];
    return one_in(attacker, 8) && mapping->address ? mapping->address : attacker->page;
}

static long call_read(struct attacker *attacker) {
    size_t size;
    char *buffer = any_buffer(attacker, &size);
    return read(any_descriptor(attacker), buffer, size);
}

static struct iovec *vectors(struct attacker *attacker, int *count) {
    static _Thread_local struct iovec vectors[16];
    *count = below(attacker, 17);
    for (int index = 0; index < *count; index++)
        vectors[index] = (struct iovec){attacker->page + 4096 * index, (size_t)any_of(attacker, 0, 1, 2, 4, 4096)};
    return vectors;
}

static long call_readv(struct attacker *attacker) {
    int count;
    struct iovec *buffers = vectors(attacker, &count);
    return readv(any_descriptor(attacker), buffers, count);
}

static long call_pread(struct attacker *attacker) {
    size_t size;
    char *buffer = any_buffer(attacker, &size);
    return pread(any_descriptor(attacker), buffer, size, any_offset(attacker));
}

static int any_transfer_flags(struct attacker *attacker) {
    // RWF_HIPRI, DSYNC, SYNC, NOWAIT, APPEND, NOAPPEND, ATOMIC, DONTCACHE, and one that there is not.
    return one_in(attacker, 3) ? 0 : 1 << below(attacker, 9);
}

static long call_preadv2(struct attacker *attacker) {
    int count;
    struct iovec *buffers = vectors(attacker, &count);
    return preadv2(any_descriptor(attacker), buffers, count, any_offset(attacker), any_transfer_flags(attacker));
}

static long call_write(struct attacker *attacker) {
    size_t size;
    char *buffer = any_buffer(attacker, &size);
    int count, fd = any_descriptor(attacker);
    struct iovec *buffers = vectors(attacker, &count);
    switch (below(attacker, 4)) {
    case 0: return write(fd, buffer, size);
    case 1: return pwrite(fd, buffer, size, any_offset(attacker));
    case 2: return writev(fd, buffers, count);
    default: return pwritev2(fd, buffers, count, any_offset(attacker), any_transfer_flags(attacker));
    }
}

static long call_lseek(struct attacker *attacker) {
    return lseek(any_descriptor(attacker), any_offset(attacker), below(attacker, 7));
}

static long call_ioctl_of_device(struct attacker *attacker) {
    int type = one_in(attacker, 2) ? SYSGENID_IOCTL : SYSGENID_V4_IOCTL;
    unsigned long word = any_of(attacker, 0, 1, 2, 10, 1000, ~0U, ~0UL);
    return ioctl(any_descriptor(attacker), _IO(type, below(attacker, 5)), word);
}

static long call_ioctl_of_files(struct attacker *attacker) {
    unsigned long request = any_of(attacker, FIONREAD, FIOASYNC, FIONBIO, FIBMAP, FIGETBSZ, FIOQSIZE, FIOCLEX, FIONCLEX,
        FS_IOC_GETFLAGS, FS_IOC_SETFLAGS, FS_IOC_GETVERSION, FS_IOC_FSGETXATTR, FS_IOC_FSSETXATTR, FS_IOC_FIEMAP,
        FS_IOC_GETFSLABEL, FITRIM, FICLONE, FICLONERANGE, FIDEDUPERANGE, 0x5401, 0x1260, 0x80081272);
    memset(attacker->page, below(attacker, 3), 256);
    unsigned long argument = request == FICLONE ? (unsigned long)any_descriptor(attacker) : (unsigned long)attacker->page;
    return ioctl(any_descriptor(attacker), request, argument);
}

static long call_ioctl_of_any(struct attacker *attacker) {
    unsigned long request = one_in(attacker, 2)
        ? _IOC((unsigned)below(attacker, 4), (unsigned)below(attacker, 256), (unsigned)below(attacker, 256),
              (unsigned)any_of(attacker, 0, 1, 4, 8, 64, 4096))
        : (uint32_t)next_random(&attacker->random);
    return ioctl(any_descriptor(attacker), request, one_in(attacker, 2) ? attacker->page : NULL);
}

static long call_fstat(struct attacker *attacker) {
    struct stat status;
    return fstat(any_descriptor(attacker), &status);
}

static long call_statx(struct attacker *attacker) {
    struct statx status;
    int flags = (int)any_of(attacker, AT_STATX_SYNC_AS_STAT, AT_STATX_FORCE_SYNC, AT_STATX_DONT_SYNC);
    if (one_in(attacker, 2)) return statx(AT_FDCWD, attacker->path, flags, ~0U >> 1, &status);
    return statx(any_descriptor(attacker), "", AT_EMPTY_PATH | flags, STATX_ALL, &status);
}

static long call_fstatfs(struct attacker *attacker) {
    struct statfs status;
    return one_in(attacker, 2) ? fstatfs(any_descriptor(attacker), &status) : statfs(attacker->path, &status);
}

static long call_sync(struct attacker *attacker) {
    int fd = any_descriptor(attacker);
    switch (below(attacker, 4)) {
    case 0: return fsync(fd);
    case 1: return fdatasync(fd);
    case 2: return sync_file_range(fd, any_offset(attacker), any_offset(attacker), (unsigned)below(attacker, 8));
    default: return syncfs(fd);
    }
}

static long call_getdents(struct attacker *attacker) {
    return syscall(SYS_getdents64, any_descriptor(attacker), attacker->page, 4096);
}

static long call_get_xattr(struct attacker *attacker) {
    static const char *const names[] = {"user.a", "security.selinux", "security.capability", "system.posix_acl_access"};
    int fd = any_descriptor(attacker);
    if (one_in(attacker, 3)) return flistxattr(fd, attacker->page, any_of(attacker, 0, 1, 4096));
    return fgetxattr(fd, names[below(attacker, 4)], attacker->page, any_of(attacker, 0, 1, 4096));
}

static long call_lock(struct attacker *attacker) {
    int fd = any_descriptor(attacker);
    if (one_in(attacker, 3))
        return flock(fd, (int)any_of(attacker, LOCK_SH, LOCK_EX, LOCK_UN) | (one_in(attacker, 4) ? 0 : LOCK_NB));
    struct flock lock = {
        .l_type = (short)any_of(attacker, F_RDLCK, F_WRLCK, F_UNLCK), .l_whence = SEEK_SET,
        .l_start = below(attacker, 3), .l_len = below(attacker, 3)};
    return fcntl(fd, (int)any_of(attacker, F_SETLK, F_SETLKW, F_GETLK, F_OFD_SETLK, F_OFD_SETLKW, F_OFD_GETLK), &lock);
}

static long call_fcntl(struct attacker *attacker) {
    int fd = any_descriptor(attacker);
    switch (below(attacker, 10)) {
    case 0: return fcntl(fd, F_SETFL, any_of(attacker, 0, O_NONBLOCK, O_DIRECT, O_APPEND, O_ASYNC, O_NOATIME));
    case 1: return fcntl(fd, F_GETFL);
    // Signals for itself alone.
    case 2: return fcntl(fd, F_SETOWN, getpid());
    case 3: return fcntl(fd, F_SETSIG, any_of(attacker, 0, SIGIO, SIGUSR1));
    case 4: return fcntl(fd, F_SETLEASE, any_of(attacker, F_RDLCK, F_WRLCK, F_UNLCK));
    case 5: return fcntl(fd, F_GETLEASE);
    case 6: return fcntl(fd, F_NOTIFY, DN_ACCESS | DN_MODIFY | DN_MULTISHOT);
    case 7: return fcntl(fd, F_SETPIPE_SZ, 4096);
    case 8: return fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK);
    default: return fcntl(fd, F_GET_SEALS);
    }
}

const struct call file_calls[] = {
    {"read", call_read}, {"readv", call_readv}, {"pread", call_pread}, {"preadv2", call_preadv2}, {"write", call_write},
    {"lseek", call_lseek}, {"ioctl of the device", call_ioctl_of_device}, {"ioctl of files", call_ioctl_of_files},
    {"ioctl of any number", call_ioctl_of_any}, {"fstat", call_fstat}, {"statx", call_statx}, {"fstatfs", call_fstatfs},
    {"fsync", call_sync}, {"getdents", call_getdents}, {"fgetxattr", call_get_xattr}, {"locks", call_lock},
    {"fcntl", call_fcntl}, {0}};
