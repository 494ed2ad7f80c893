// A library for LD_PRELOAD: lets programs map /dev/sysgenid where the kernel cannot, as with the character device
// alone. A mapping that the kernel has refused with ENODEV is made of the page that the daemon publishes in its
// runtime directory, with the same contents and the same offset of the generation.
//
// Every other mapping costs one comparison. All that is called is async-signal-safe (signal-safety(7)), as mmap(2) is:
// the kernel is asked directly, since dlsym(3) is not.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// The value of a variable of the environment, which a program with more privileges than its user has not.
static const char *setting(const char *name, const char *usual) {
    const char *value = secure_getenv(name);
    return value && *value ? value : usual;
}

static void *map(void *address, size_t length, int protection, int flags, int fd, off_t offset) {
    return (void *)syscall(SYS_mmap, address, length, protection, flags, fd, offset);
}

static void *refused(int error) {
    errno = error;
    return MAP_FAILED;
}

static int leads_to(const char *path, int fd) {
    struct stat opened, named;
    if (fstat(fd, &opened) != 0 || stat(path, &named) != 0)
        return 0;
    if (S_ISCHR(opened.st_mode))
        return S_ISCHR(named.st_mode) && opened.st_rdev == named.st_rdev;
    return opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

static int is_device(int fd) {
    return leads_to(setting("SYSGENID_DEVICE", "/dev/sysgenid"), fd);
}

// Opens a file of the runtime directory; -1 where there is none.
static int open_published(const char *name) {
    const char *folder = setting("SYSGENID_RUNTIME_DIR", "/run/sysgenid");
    char path[4096];
    size_t length = strlen(folder), rest = strlen(name) + 1;
    if (length + rest > sizeof path)
        return -1;
    memcpy(path, folder, length);
    memcpy(path + length, name, rest);
    return open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
}

// Whether the runtime directory is that of the device's own daemon, and so the page there is its page.
static int is_published(int fd) {
    char path[4096];
    int file = open_published("/device");
    if (file < 0)
        return 0;
    ssize_t count = read(file, path, sizeof path);
    close(file);
    if (count < 2 || path[0] != '/' || path[count - 1] != '\n')
        return 0;
    path[count - 1] = '\0';
    return leads_to(path, fd);
}

// The published page; -1 where there is none. Behind the end of a shorter file, a mapping would end the program.
static int open_page(size_t size) {
    int fd = open_published("/page");
    struct stat status;
    if (fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_uid == 0 &&
        status.st_size >= (off_t)size)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

static void *map_page(void *address, size_t length, int protection, int flags, int fd, off_t offset) {
    size_t size = (size_t)sysconf(_SC_PAGESIZE);
    if (!is_device(fd))
        return refused(ENODEV);
    if (offset != 0 || length > size)
        return refused(EINVAL);
    int kind = flags & MAP_TYPE;
    if ((protection & PROT_WRITE) && (kind == MAP_SHARED || kind == MAP_SHARED_VALIDATE))
        return refused(EACCES);
    int page = is_published(fd) ? open_page(size) : -1;
    if (page < 0)
        return refused(ENODEV);
    void *mapping = map(address, length, protection, flags, page, 0);
    int error = errno;
    close(page);
    errno = error;
    return mapping;
}

__attribute__((visibility("default"))) void *mmap(
    void *address, size_t length, int protection, int flags, int fd, off_t offset) {
    int before = errno;
    void *mapping = map(address, length, protection, flags, fd, offset);
    if (mapping != MAP_FAILED || errno != ENODEV)
        return mapping;
    mapping = map_page(address, length, protection, flags, fd, offset);
    if (mapping != MAP_FAILED)
        errno = before;
    return mapping;
}

// The same where an off_t has 64 bits in any case, as on all 64-bit systems.
__attribute__((visibility("default"))) void *mmap64(
    void *address, size_t length, int protection, int flags, int fd, off64_t offset) __attribute__((alias("mmap")));

_Static_assert(sizeof(off_t) == sizeof(off64_t), "mmap and mmap64 are one function");
