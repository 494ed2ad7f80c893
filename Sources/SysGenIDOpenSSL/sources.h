// Where plain C that goes into other programs has its bytes and the generation from: the provider for OpenSSL, and the
// library of Clients/crypto.
#ifndef SYSGENID_SOURCES_H
#define SYSGENID_SOURCES_H

#include <sysgenid.h>

#include <sys/syscall.h>

// ---- The kernel ----

// Without getrandom(2), before Linux 3.17 or in a sandbox that refuses it, there may be the device.
static int read_device(unsigned char *out, size_t size) {
    int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
    while (fd >= 0 && size > 0) {
        ssize_t count = read(fd, out, size);
        if (count == 0 || (count < 0 && errno != EINTR))
            break;
        if (count > 0) {
            out += count;
            size -= (size_t)count;
        }
    }
    if (fd >= 0)
        close(fd);
    return size == 0;
}

// Waits, as OpenSSL does, until the kernel's generator has been seeded. The system call, since getrandom(3) is a point
// at which a thread may be cancelled.
static int draw(unsigned char *out, size_t size) {
    while (size > 0) {
        long count = syscall(SYS_getrandom, out, size, 0);
        if (count < 0 && errno != EINTR)
            return read_device(out, size);
        if (count > 0) {
            out += count;
            size -= (size_t)count;
        }
    }
    return 1;
}

// ---- The generation ----

// Maps the page once, and keeps no descriptor, which a program that closes all could take for its own.
//
// The kernel's own device shows a change before anything else does. Where a daemon serves, what it publishes comes
// first, since that goes on with the next daemon on any kernel. Before Linux 6.9 a mapping of the device does not: it
// shows no later change, and where the kernel has dropped the page, a look at it ends the program (SIGBUS). It is known
// by having no file position.
static void find_page(struct sysgenid_probe *probe, const char *device, const char *runtime_dir) {
    struct stat status;
    int fd = sysgenid_open(device, O_RDONLY);
    if (fd < 0)
        return;
    if (fstat(fd, &status) != 0 || S_ISCHR(status.st_mode)) {
        close(fd);
        sysgenid_probe_open(probe, device, runtime_dir);
        return;
    }
    int is_published = sysgenid_is_published(fd, runtime_dir);
    int offset = is_published ? sysgenid_page_offset(runtime_dir) : SYSGENID_DEFAULT_PAGE_OFFSET;
    int page = is_published ? sysgenid_open_page(runtime_dir) : -1;
    if (page >= 0) {
        close(fd);
        fd = page;
    } else if (lseek(fd, 0, SEEK_CUR) < 0) {
        offset = -1;
    }
    if (offset < 0)
        close(fd);
    else
        sysgenid_map(probe, fd, offset);
}

#endif
