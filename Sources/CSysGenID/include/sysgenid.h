/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Programs on the System Generation ID device, /dev/sysgenid: probe, watch, acknowledge.
 *
 * The generation is a counter that changes each time the system is resumed from a snapshot, cloned or rolled back.
 * Everything that must be unique, as the state of random generators, keys, nonces and UUIDs, must be renewed then.
 *
 * The header is all there is: C11 or C++17, the C library, Linux. `cc $(pkg-config --cflags sysgenid) program.c`
 *
 *     struct sysgenid_probe probe;                     A look that costs one load: the page, mapped.
 *     sysgenid_probe_open(&probe, NULL, NULL)
 *     sysgenid_probe_load(&probe)
 *
 *     sysgenid_probe_add_clock(&probe, NULL)           A look without a window: the hypervisor's own page as well.
 *     sysgenid_probe_mark(&probe)
 *     sysgenid_mark_is_same(now, before)
 *
 *     struct sysgenid_watch watch;                     A descriptor that is readable after each change.
 *     sysgenid_watch_open(&watch, NULL, SYSGENID_TRACKED)
 *     sysgenid_watch_wait(&watch, &generation, -1)
 *     sysgenid_watch_acknowledge(&watch, generation)
 *
 * Errors. A function that can fail returns -1 and sets errno, else 0 (or what is said there). Everywhere:
 *
 *     ENOENT        There is no device at the path: sysgenidd does not run.
 *     EACCES        The mode of the device does not allow it. Everybody may read, poll and map; to acknowledge takes the
 *                   group of the device. sysgenid_trigger: CAP_CHECKPOINT_RESTORE or CAP_SYS_ADMIN is missing.
 *     ENOTTY        What is at the path is not the device.
 *     ENOTCONN      The daemon has ended, and with it this open file: sysgenid_watch_reconnect(), when the next one is
 *                   there. All that the kernel says in that case is this one error here, see sysgenid_is_gone().
 *     EINTR         A signal came.
 *
 * None of the functions takes a lock. A probe may be used by all threads at once; a watch by one at a time.
 *
 * Servers with workers. A process and its children share the open file of a watch, and whoever of them acknowledged first
 * would answer for all. So a watch belongs to the process that opened it. In a child of fork(2), the first
 * sysgenid_watch_wait() opens the device for the child alone, and returns 1: what was copied with the memory is to be
 * renewed. Each worker does this before it begins to work, and before it changes its root or gives up its rights:
 *
 *     for (int i = 0; i < workers; i++)
 *         if (fork() == 0) {
 *             while (sysgenid_watch_wait(&watch, &generation, -1) == 1) { renew, acknowledge }      the first at once
 *             …
 *         }
 *     sysgenid_watch_close(&watch);         unless the parent has something to renew, and waits and acknowledges, too
 *
 * Until a worker acknowledges for the first time, it keeps the open file of its parent: a change that comes before its
 * first call is then waited for as well, as long as the parent does not acknowledge it. A probe is shared by all.
 */
#ifndef SYSGENID_H
#define SYSGENID_H

/* With -std=c11, the C library shows what it has besides C only where it is asked to, before its first header. */
#if defined(__STRICT_ANSI__) && !defined(_GNU_SOURCE) && !defined(_DEFAULT_SOURCE) && !defined(_POSIX_C_SOURCE)
#define _DEFAULT_SOURCE 1
#endif

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <linux/sysgenid.h>

#if !defined(O_CLOEXEC) || !defined(S_ISREG)
#error "include sysgenid.h before all other headers, or define _GNU_SOURCE, _DEFAULT_SOURCE or _POSIX_C_SOURCE=200809L"
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define SYSGENID_DEVICE "/dev/sysgenid"
#define SYSGENID_RUNTIME_DIR "/run/sysgenid"
#define SYSGENID_DEVICES_DIR "/run/sysgenid/devices"
/* Where the kernel shows the page of a hypervisor that has a vmclock, from Linux 6.13 on. */
#define SYSGENID_CLOCK "/dev/vmclock0"

/* Where the generation lies in the mapped page, in bytes, where nothing else is published. */
#define SYSGENID_DEFAULT_PAGE_OFFSET 0
/* The least that a page has, in bytes. */
#define SYSGENID_PAGE_SIZE 4096

/* Whether the error number says that the daemon has ended, or that its connection was taken away. */
static inline int sysgenid_is_gone(int error) {
    return error == ENOTCONN || error == ECONNABORTED || error == ENODEV || error == ENXIO || error == ESHUTDOWN;
}

/* For the use of this header: closes the descriptor, with the error that there was. */
static inline int sysgenid_closing(int fd, int error) {
    close(fd);
    errno = error;
    return -1;
}

/* For the use of this header: the answer of a call on the open device. */
static inline int sysgenid_answer(long result) {
    if (result >= 0)
        return (int)result;
    if (sysgenid_is_gone(errno))
        errno = ENOTCONN;
    return -1;
}

/* For the use of this header: opens the device, and makes sure that it is one. */
static inline int sysgenid_open(const char *path, int flags) {
    int fd = open(path ? path : SYSGENID_DEVICE, flags | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return sysgenid_answer(fd);
    if (ioctl(fd, SYSGENID_SET_WATCHER_TRACKING, 0) == 0)
        return fd;
    int error = errno;
    return sysgenid_closing(fd, error == EINTR ? EINTR : sysgenid_is_gone(error) ? ENOTCONN : ENOTTY);
}

/* ---- The offset ---- */

/*
 * The offset of the generation in the mapped page, in bytes, as it is published in the runtime directory (NULL: the usual
 * one), in page_offset: a number in decimal, as it is written by the book, and the end of the line.
 *
 * Returns the offset; the interface's own, 0, where there is no such file. Or -1 with EINVAL: it is no number, no multiple
 * of 4, or too large for a page; ENAMETOOLONG; or what open(2) and read(2) have.
 */
static inline int sysgenid_page_offset(const char *runtime_dir) {
    char path[4096];
    int length = snprintf(path, sizeof path, "%s/page_offset", runtime_dir ? runtime_dir : SYSGENID_RUNTIME_DIR);
    if (length < 0 || (size_t)length >= sizeof path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? SYSGENID_DEFAULT_PAGE_OFFSET : -1;
    char text[8];
    ssize_t count = read(fd, text, sizeof text);
    if (count < 0)
        return sysgenid_closing(fd, errno);
    close(fd);
    if (count > 0 && text[count - 1] == '\n')
        count--;
    int offset = 0, is_number = count > 0 && count <= 4 && (text[0] != '0' || count == 1);
    for (ssize_t i = 0; is_number && i < count; i++) {
        is_number = text[i] >= '0' && text[i] <= '9';
        offset = offset * 10 + (text[i] - '0');
    }
    if (is_number && offset % 4 == 0 && offset <= SYSGENID_PAGE_SIZE - 4)
        return offset;
    errno = EINVAL;
    return -1;
}

/* ---- The probe ---- */

/* The mapped page. It needs nothing to be acknowledged. */
struct sysgenid_probe {
    void *page;
    const volatile uint32_t *word;
    /* The hypervisor's own page; NULL where it is not looked at. */
    const volatile void *clock;
};

/* For the use of this header: whether what is published in the runtime directory is about the open device: the path that
 * stands there leads to the same one. */
static inline int sysgenid_is_published(int fd, const char *runtime_dir) {
    char path[4096];
    int length = snprintf(path, sizeof path, "%s/device", runtime_dir ? runtime_dir : SYSGENID_RUNTIME_DIR);
    if (length < 0 || (size_t)length >= sizeof path)
        return 0;
    int file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (file < 0)
        return 0;
    ssize_t count = read(file, path, sizeof path);
    close(file);
    if (count < 2 || path[0] != '/' || path[count - 1] != '\n')
        return 0;
    path[count - 1] = '\0';
    struct stat opened, named;
    if (fstat(fd, &opened) != 0 || stat(path, &named) != 0)
        return 0;
    /* A device has nodes in several places. */
    if (S_ISCHR(opened.st_mode))
        return S_ISCHR(named.st_mode) && opened.st_rdev == named.st_rdev;
    return opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

/* For the use of this header: maps a page by the descriptor, and closes that. NULL where it cannot be mapped. */
static inline void *sysgenid_map_page(int fd) {
    void *page = mmap(NULL, SYSGENID_PAGE_SIZE, PROT_READ, MAP_SHARED, fd, 0);
    int error = errno;
    close(fd);
    errno = error;
    return page == MAP_FAILED ? NULL : page;
}

/* For the use of this header: maps the counter page by the descriptor, and closes that. */
static inline int sysgenid_map(struct sysgenid_probe *probe, int fd, int offset) {
    void *page = sysgenid_map_page(fd);
    if (!page)
        return -1;
    probe->page = page;
    probe->word = (const volatile uint32_t *)(const volatile void *)((const char *)page + offset);
    probe->clock = NULL;
    return 0;
}

/* For the use of this header: the page that the daemon publishes for those that cannot map the device; -1 where there is
 * none. Nobody but root may have been able to write to it, and behind the end of a shorter file there is nothing to load. */
static inline int sysgenid_open_page(const char *runtime_dir) {
    char path[4096];
    int length = snprintf(path, sizeof path, "%s/page", runtime_dir ? runtime_dir : SYSGENID_RUNTIME_DIR);
    if (length < 0 || (size_t)length >= sizeof path)
        return -1;
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
    struct stat status;
    if (fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_uid == 0 &&
        (status.st_mode & (S_IWGRP | S_IWOTH)) == 0 && status.st_size >= SYSGENID_PAGE_SIZE)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

/*
 * Maps the page of the device (path NULL: the usual one), at the offset that is published in the runtime directory (NULL:
 * the usual one). Where the device cannot be mapped, as the character device of the kernel's CUSE, the page that is
 * published there takes its place. What is published for another device (`device` there) is left alone.
 *
 * Errors: those above; ENODEV: neither can be mapped; EINVAL: the published offset cannot be; others of mmap(2).
 *
 * The mapping outlives the daemon. Its successor may store its changes in another page (before Linux 6.9, or where the
 * runtime directory does not lie in memory): so open the probe anew when a watch says ENOTCONN.
 */
static inline int sysgenid_probe_open(struct sysgenid_probe *probe, const char *path, const char *runtime_dir) {
    int fd = sysgenid_open(path, O_RDONLY);
    if (fd < 0)
        return -1;
    int is_published = sysgenid_is_published(fd, runtime_dir);
    int offset = is_published ? sysgenid_page_offset(runtime_dir) : SYSGENID_DEFAULT_PAGE_OFFSET;
    if (offset < 0)
        return sysgenid_closing(fd, errno);
    if (sysgenid_map(probe, fd, offset) == 0)
        return 0;
    int error = errno;
    if (error == ENODEV && is_published && (fd = sysgenid_open_page(runtime_dir)) >= 0)
        return sysgenid_map(probe, fd, offset);
    errno = error;
    return -1;
}

/* The generation, by one load: what is read after it is no older than it. Cannot fail. */
static inline uint32_t sysgenid_probe_load(const struct sysgenid_probe *probe) {
    return __atomic_load_n(probe->word, __ATOMIC_ACQUIRE);
}

/* Unmaps the page, and the hypervisor's where it was looked at. */
static inline void sysgenid_probe_close(struct sysgenid_probe *probe) {
    munmap(probe->page, SYSGENID_PAGE_SIZE);
    if (probe->clock)
        munmap((void *)(uintptr_t)probe->clock, SYSGENID_PAGE_SIZE);
    probe->page = NULL;
    probe->word = NULL;
    probe->clock = NULL;
}

/* ---- The probe without a window ---- */

/*
 * Between the first instruction of a resumed machine and the daemon's store there is a window, some milliseconds, in which
 * the generation is still the old one. A hypervisor that has a vmclock with a counter changes that before the first
 * instruction. A probe that looks at both pages has no window:
 *
 *     sysgenid_probe_add_clock(&probe, NULL);                  Without the hypervisor's page all is as before.
 *     struct sysgenid_mark mark = sysgenid_probe_mark(&probe);
 *     …
 *     struct sysgenid_mark now = sysgenid_probe_mark(&probe);  Before each use, and behind it once more.
 *     if (!sysgenid_mark_is_same(now, mark)) {
 *         if (sysgenid_mark_awaits_generation(now, mark))
 *             wait, with a limit, until the generation is another one
 *         mark = sysgenid_probe_mark(&probe);
 *         renew
 *     }
 *
 * One resume is so seen twice: by the hypervisor's counter at once, and by the generation when the daemon has done its part.
 * Nothing that was made before may be used from the first on. But to renew then is too early: the kernel's generator has
 * not been reseeded yet, and getrandom(2) can give two clones the same. The generation says that it has been. So wait for
 * it and renew once, or renew both times and let nothing out that was made in between. Never renew at the first time alone.
 */

/* What a probe has seen, to be compared with what it sees later: the members have no meaning of their own. What is
 * acknowledged is the generation, of sysgenid_probe_load(), or of a watch. */
struct sysgenid_mark {
    uint64_t counter;
    uint32_t generation;
    uint32_t unsettled;
};

/* Where the words lie in the page: `struct vmclock_abi` of linux/vmclock-abi.h. All are little-endian. */
enum { SYSGENID_CLOCK_FLAGS = 0x18, SYSGENID_CLOCK_SEQUENCE = 0x0c, SYSGENID_CLOCK_COUNTER = 0x68, SYSGENID_CLOCK_END = 0x70 };

/* For the use of this header: what is wrong with the page; 0 where it shows the counter. Whatever it says, there are
 * SYSGENID_PAGE_SIZE bytes of it. */
static inline int sysgenid_clock_defect(const volatile unsigned char *page) {
    uint32_t size = page[4] | (uint32_t)page[5] << 8 | (uint32_t)page[6] << 16 | (uint32_t)page[7] << 24;
    if (page[0] != 'V' || page[1] != 'C' || page[2] != 'L' || page[3] != 'K' || page[8] != 1 || page[9] != 0)
        return ENOTTY;
    /* VMCLOCK_FLAG_VM_GEN_COUNTER_PRESENT is bit 8. */
    return size >= SYSGENID_CLOCK_END && (page[SYSGENID_CLOCK_FLAGS + 1] & 1) ? 0 : EOPNOTSUPP;
}

/* For the use of this header: maps the hypervisor's page by the descriptor, and closes that. */
static inline int sysgenid_map_clock(struct sysgenid_probe *probe, int fd) {
    void *page = sysgenid_map_page(fd);
    if (!page)
        return -1;
    int error = sysgenid_clock_defect((const volatile unsigned char *)page);
    if (error != 0) {
        munmap(page, SYSGENID_PAGE_SIZE);
        errno = error;
        return -1;
    }
    if (probe->clock)
        munmap((void *)(uintptr_t)probe->clock, SYSGENID_PAGE_SIZE);
    probe->clock = page;
    return 0;
}

/*
 * Has an open probe look at the hypervisor's own page as well (path NULL: the usual one), where there is one that can be
 * mapped. The mapping outlives the descriptor, a resume and all daemons, and children of fork(2) have it, too. Not while
 * other threads look by this probe.
 *
 * It is a call of its own, and no part of sysgenid_probe_open(): a program that maps a device of the kernel cannot be dumped
 * by criu(8), and a sandbox may not allow another file.
 *
 * Errors, after which the probe is as good as before: ENOENT, EACCES: there is none, or none for this user, as the kernel
 * makes it for root alone; ENOTTY: what is there is not the kernel's device, as where the daemon's own page covers it;
 * EOPNOTSUPP: the hypervisor has no generation counter; others of open(2) and mmap(2).
 */
static inline int sysgenid_probe_add_clock(struct sysgenid_probe *probe, const char *path) {
    int fd = open(path ? path : SYSGENID_CLOCK, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    struct stat status;
    if (fd < 0)
        return -1;
    if (fstat(fd, &status) != 0)
        return sysgenid_closing(fd, errno);
    /* A file could be made shorter, and a look at it would end the program (SIGBUS). The kernel's own is a character device
     * of the major number 10, misc, as only root can make one. The number is taken apart by hand, since the macros for it
     * have names that are the program's. */
    if (!S_ISCHR(status.st_mode) || (status.st_rdev & 0xfff00) != 10 << 8)
        return sysgenid_closing(fd, ENOTTY);
    return sysgenid_map_clock(probe, fd);
}

/* For the use of this header: adds to the mark what the hypervisor's page shows.
 *
 * The counter is one aligned word, so that no load takes half of it, and the sequence count is not needed for that. It is
 * looked at first since it is odd while the page is being written: a hypervisor that lets the machine run meanwhile may have
 * the counter still to write. That is over in less than a microsecond and is waited for, so that an adjustment of the clock
 * is no change. But nobody waits for ever for a page that stays as it is: the odd number then becomes part of the mark, so
 * that it counts as one change when that is noticed, and as another one when it is over. */
static inline void sysgenid_look_at_clock(const volatile void *clock, struct sysgenid_mark *mark) {
    const volatile char *page = (const volatile char *)clock;
    const volatile uint32_t *sequence = (const volatile uint32_t *)(const volatile void *)(page + SYSGENID_CLOCK_SEQUENCE);
    const uint32_t odd = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 1 : UINT32_C(1) << 24;
    uint32_t number = __atomic_load_n(sequence, __ATOMIC_ACQUIRE);
    for (int tries = 0; (number & odd) && tries < 10000; tries++)
        number = __atomic_load_n(sequence, __ATOMIC_ACQUIRE);
    mark->unsettled = number & odd ? number : 0;
#if __SIZEOF_POINTER__ >= 8
    mark->counter = __atomic_load_n(
        (const volatile uint64_t *)(const volatile void *)(page + SYSGENID_CLOCK_COUNTER), __ATOMIC_ACQUIRE);
#else
    /* There, the compiler's load of a double word may be an exchange, which a page for reading does not allow. Two halves
     * from before and after a change are no counter that was seen before; and at the next look, they are another change. */
    const volatile uint32_t *halves = (const volatile uint32_t *)(const volatile void *)(page + SYSGENID_CLOCK_COUNTER);
    mark->counter = __atomic_load_n(&halves[0], __ATOMIC_ACQUIRE);
    mark->counter |= (uint64_t)__atomic_load_n(&halves[1], __ATOMIC_ACQUIRE) << 32;
#endif
}

/*
 * What both pages show, by three loads: what is read after it is no older than it. Of a probe that looks at no clock it is
 * the generation, by one. Cannot fail.
 */
static inline struct sysgenid_mark sysgenid_probe_mark(const struct sysgenid_probe *probe) {
    /* The generation first: it follows the counter, so that a new one is never seen with the counter from before it. */
    struct sysgenid_mark mark = {0, sysgenid_probe_load(probe), 0};
    if (probe->clock)
        sysgenid_look_at_clock(probe->clock, &mark);
    return mark;
}

/* Whether nothing had changed between the two when the later one was taken. */
static inline int sysgenid_mark_is_same(struct sysgenid_mark now, struct sysgenid_mark before) {
    return now.generation == before.generation && now.counter == before.counter && now.unsettled == before.unsettled;
}

/* Whether the hypervisor shows a resume that the generation of the earlier mark has not followed. It may never do, where no
 * daemon runs, or where it was told not to heed the vmclock: so whoever waits for it has a limit. */
static inline int sysgenid_mark_awaits_generation(struct sysgenid_mark now, struct sysgenid_mark before) {
    return now.generation == before.generation && (now.counter != before.counter || now.unsettled != 0);
}

/* ---- The watch ---- */

/* What a watch is opened with. */
enum sysgenid_watch_flags {
    /* It never writes to the device, so that everybody may open it: to acknowledge, it is opened anew. */
    SYSGENID_READ_ONLY = 1,
    /* Overseers wait for this watch until it has acknowledged a change. */
    SYSGENID_TRACKED = 2,
};

/*
 * A watcher of the device. `fd` is readable (POLLIN, EPOLLIN) from a change until that is acknowledged, and has POLLERR
 * when the daemon has ended: it belongs into the poll(2) or epoll(7) of the program. With SYSGENID_READ_ONLY, it is
 * another descriptor after each acknowledgement; and it is in a child of fork(2) after its first wait, which it has to do
 * before it waits for the descriptor by other means.
 */
struct sysgenid_watch {
    int fd;
    int flags;
    const char *path;
    /* Where the daemon of the device publishes; NULL is the usual one. To be set after opening. */
    const char *runtime_dir;
    /* For the use of this header: the process that `fd` belongs to; the descriptor that its parent had, until the process
     * acknowledges, or -1; and whether it has to be told of a change whatever the generation is. */
    pid_t process;
    int inherited_fd;
    int owes_change;
};

/* For the use of this header: another descriptor for the watch. A worker that has given up its rights may read still. */
static inline int sysgenid_watch_reopen(struct sysgenid_watch *watch) {
    int fd = sysgenid_open(watch->path, watch->flags & SYSGENID_READ_ONLY ? O_RDONLY : O_RDWR);
    if (fd < 0 && (errno == EACCES || errno == EROFS) && watch->process != getpid() &&
        !(watch->flags & SYSGENID_READ_ONLY) && (fd = sysgenid_open(watch->path, O_RDONLY)) >= 0)
        watch->flags |= SYSGENID_READ_ONLY;
    if (fd < 0 || !(watch->flags & SYSGENID_TRACKED))
        return fd;
    if (sysgenid_answer(ioctl(fd, SYSGENID_SET_WATCHER_TRACKING, 1)) == 0)
        return fd;
    return sysgenid_closing(fd, errno);
}

/* For the use of this header: puts another descriptor in the place of the watch's. One of another process is kept: with
 * it, overseers wait for what this one has to renew. */
static inline void sysgenid_watch_adopt(struct sysgenid_watch *watch, int next) {
    if (watch->process == getpid() || watch->inherited_fd >= 0) {
        if (watch->fd >= 0)
            close(watch->fd);
    } else {
        watch->inherited_fd = watch->fd;
    }
    watch->owes_change |= watch->process != getpid();
    watch->fd = next;
    watch->process = getpid();
}

/* For the use of this header: opens the device for a child of the process that the watch belongs to. */
static inline int sysgenid_watch_detach(struct sysgenid_watch *watch) {
    int next = sysgenid_watch_reopen(watch);
    if (next < 0) {
        if (errno == ENOENT || errno == ENOTTY)
            errno = ENOTCONN;
        return -1;
    }
    sysgenid_watch_adopt(watch, next);
    return 0;
}

/* For the use of this header: everything is renewed. */
static inline void sysgenid_watch_settle(struct sysgenid_watch *watch) {
    if (watch->inherited_fd >= 0)
        close(watch->inherited_fd);
    watch->inherited_fd = -1;
    watch->owes_change = 0;
}

/*
 * Opens the device (path NULL: the usual one; it must live as long as the watch). The watch is up to date then. Flags: 0,
 * or those above.
 *
 * Errors: those above, and those of open(2).
 */
static inline int sysgenid_watch_open(struct sysgenid_watch *watch, const char *path, int flags) {
    watch->flags = flags;
    watch->path = path;
    watch->runtime_dir = NULL;
    watch->process = getpid();
    watch->inherited_fd = -1;
    watch->owes_change = 0;
    watch->fd = sysgenid_watch_reopen(watch);
    return watch->fd < 0 ? -1 : 0;
}

/* For the use of this header: the generation that the page shows now. */
static inline int sysgenid_watch_look(const struct sysgenid_watch *watch, uint32_t *generation) {
    struct sysgenid_probe probe;
    if (sysgenid_probe_open(&probe, watch->path, watch->runtime_dir) != 0)
        return -1;
    *generation = sysgenid_probe_load(&probe);
    sysgenid_probe_close(&probe);
    return 0;
}

/*
 * Waits for a change, at most so many milliseconds; -1 is for ever, 0 looks at once.
 *
 * Returns 1 and the current generation where the watch is outdated, which it is until it acknowledges, so that it is told
 * again; 0 where the time was over. In a child of fork(2), the first time is a change, too; the generation stays what it
 * was where nothing shows it then (a device that cannot be mapped and has no page in the runtime directory).
 *
 * Errors: ENOTCONN, EINTR; in a child at first those of sysgenid_watch_open() and sysgenid_probe_open(), too.
 */
static inline int sysgenid_watch_wait(struct sysgenid_watch *watch, uint32_t *generation, int timeout_ms) {
    if (watch->process != getpid() && sysgenid_watch_detach(watch) != 0)
        return -1;
    struct pollfd entry = {watch->fd, POLLIN, 0};
    int count = poll(&entry, 1, watch->owes_change ? 0 : timeout_ms);
    if (count == 0 && watch->owes_change)
        return sysgenid_watch_look(watch, generation) != 0 && errno != ENODEV ? -1 : 1;
    if (count <= 0)
        return count;
    ssize_t length = read(watch->fd, generation, sizeof *generation);
    if (length == (ssize_t)sizeof *generation)
        return 1;
    if (length < 0 && (errno == EAGAIN || errno == EINTR))
        return errno == EAGAIN ? 0 : -1;
    errno = ENOTCONN;
    return -1;
}

/* For the use of this header: a new descriptor is up to date. It is opened before the old one is read, so that a change
 * after that outdates it. */
static inline int sysgenid_watch_replace(struct sysgenid_watch *watch, uint32_t generation) {
    int next = sysgenid_watch_reopen(watch);
    if (next < 0)
        return -1;
    uint32_t current;
    ssize_t length = read(watch->fd, &current, sizeof current);
    if (length < 0 && errno != EAGAIN) {
        int error = errno == EINTR ? EINTR : ENOTCONN;
        return sysgenid_closing(next, error);
    }
    if (length == (ssize_t)sizeof current && current != generation) {
        close(next);
        return 0;
    }
    close(watch->fd);
    watch->fd = next;
    return 1;
}

/* For the use of this header: whether there was no change since a child has opened the device. */
static inline int sysgenid_watch_is_fresh(const struct sysgenid_watch *watch) {
    uint32_t current;
    return watch->owes_change && read(watch->fd, &current, sizeof current) < 0 && errno == EAGAIN;
}

/* For the use of this header: tells the device that the generation is acknowledged. */
static inline int sysgenid_watch_write(struct sysgenid_watch *watch, uint32_t generation) {
    if (watch->flags & SYSGENID_READ_ONLY)
        return sysgenid_watch_replace(watch, generation);
    ssize_t length = write(watch->fd, &generation, sizeof generation);
    if (length == (ssize_t)sizeof generation)
        return 1;
    return length < 0 && errno == EINVAL ? 0 : sysgenid_answer(-1);
}

/*
 * Tells the device that everything has been renewed for the generation.
 *
 * Returns 1; 0 where the generation has changed again, so that the watch stays outdated, or where a child of fork(2) has
 * not waited yet: wait again, and renew once more.
 * Errors: ENOTCONN, EINTR; with SYSGENID_READ_ONLY those of sysgenid_watch_open(), too.
 */
static inline int sysgenid_watch_acknowledge(struct sysgenid_watch *watch, uint32_t generation) {
    if (watch->process != getpid())
        return sysgenid_watch_detach(watch);
    int answer = sysgenid_watch_is_fresh(watch) ? 1 : sysgenid_watch_write(watch, generation);
    if (answer == 1)
        sysgenid_watch_settle(watch);
    return answer;
}

/*
 * Opens the device again after ENOTCONN, for a watch whose program has renewed everything for *generation last. `fd` is
 * another descriptor then, and epoll(7) does not know it yet.
 *
 * Returns 1 and the generation where there was a change meanwhile; also where nothing shows whether there was one, and in a
 * child of fork(2) that has not acknowledged yet. Renew and acknowledge, as after sysgenid_watch_wait(). 0 where there was none. Errors: those of sysgenid_watch_open(), most of
 * all ENOENT and ENOTTY, where the device is not served yet: try again in a while; and those of sysgenid_probe_open().
 */
static inline int sysgenid_watch_reconnect(
    struct sysgenid_watch *watch, const char *runtime_dir, uint32_t *generation) {
    int next = sysgenid_watch_reopen(watch);
    if (next < 0)
        return -1;
    uint32_t before = *generation;
    int is_change = 0;
    watch->runtime_dir = runtime_dir;
    if (sysgenid_watch_look(watch, generation) == 0) {
        is_change = *generation != before;
    } else if (errno == ENODEV) {
        /* The device takes no other generation than the current one. Who may not write does not know. */
        is_change = write(next, generation, sizeof *generation) != (ssize_t)sizeof *generation;
    } else {
        return sysgenid_closing(next, errno);
    }
    sysgenid_watch_adopt(watch, next);
    return is_change || watch->owes_change;
}

/* Closes the device. The watch is none any more, and nobody waits for it. */
static inline void sysgenid_watch_close(struct sysgenid_watch *watch) {
    sysgenid_watch_settle(watch);
    if (watch->fd >= 0)
        close(watch->fd);
    watch->fd = -1;
}

/* ---- The overseer ---- */

/*
 * Makes a new generation (path NULL: the usual device): the larger of the minimum and the current one plus 1.
 *
 * Returns 0 and the generation. Errors: those above.
 */
static inline int sysgenid_trigger(const char *path, uint32_t minimum, uint32_t *generation) {
    int fd = sysgenid_open(path, O_RDONLY);
    if (fd < 0)
        return -1;
    int result = sysgenid_answer(ioctl(fd, SYSGENID_TRIGGER_GEN_UPDATE, (unsigned long)minimum));
    if (result == 0 && read(fd, generation, sizeof *generation) != (ssize_t)sizeof *generation)
        result = sysgenid_answer(-1);
    int error = errno;
    close(fd);
    errno = error;
    return result;
}

/*
 * Waits until every tracked watcher has acknowledged the current generation, at most so many milliseconds; 0 is for ever.
 *
 * Errors: ETIME: some have not; EINTR: a signal came, or there was another change, so that the wait has to begin anew;
 * and those above.
 */
static inline int sysgenid_wait_watchers(const char *path, unsigned int timeout_ms) {
    int fd = sysgenid_open(path, O_RDONLY);
    if (fd < 0)
        return -1;
    int result = sysgenid_answer(ioctl(fd, SYSGENID_WAIT_WATCHERS, (unsigned long)timeout_ms));
    int error = errno;
    close(fd);
    errno = error;
    return result;
}

/* ---- Devices of containers ---- */

/*
 * A container has a device of its own: what is mounted to /dev/sysgenid there. The functions above take its path, as
 * sysgenid_trigger(), which its owner may call, and sysgenid_wait_watchers().
 *
 * `devices_dir` is where the daemon serves the devices; NULL: the usual place. A name is 1 to 64 of letters, digits, '.',
 * '_' and '-', not first a '.'.
 */

/* For the use of this header: whether the text is a container's name, and so one component of a path. */
static inline int sysgenid_is_container_name(const char *name) {
    size_t length = strlen(name);
    const char *allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    return length >= 1 && length <= 64 && name[0] != '.' && strspn(name, allowed) == length;
}

/* For the use of this header: the path of the container's directory, with what follows. */
static inline int sysgenid_container_join(
    char *path, size_t size, const char *devices_dir, const char *name, const char *rest) {
    if (!sysgenid_is_container_name(name)) {
        errno = EINVAL;
        return -1;
    }
    const char *folder = devices_dir ? devices_dir : SYSGENID_DEVICES_DIR;
    int length = snprintf(path, size, "%s/containers/%s%s", folder, name, rest);
    if (length >= 0 && (size_t)length < size)
        return 0;
    errno = ENAMETOOLONG;
    return -1;
}

/*
 * Where the device of the container is, be it there or not; `size` is the room in `path`, in bytes.
 *
 * Errors: EINVAL: it is no name; ENAMETOOLONG: there is no room.
 */
static inline int sysgenid_container_path(char *path, size_t size, const char *devices_dir, const char *name) {
    return sysgenid_container_join(path, size, devices_dir, name, "/sysgenid");
}

/*
 * Makes the device of the container, for an owner and a group, of which (uid_t)-1 and (gid_t)-1 leave what is. Its first
 * generation is the minimum, which is above each that the container's programs may remember, and 0 for a new one. Where
 * something of it fails, there is none.
 *
 * Errors: EINVAL, ENAMETOOLONG; EEXIST: there is one; EACCES, EPERM: it takes root in the user namespace of the daemon;
 * ENOSPC: there are as many as the daemon takes; ENOENT: no daemon serves them; others of mkdir(2), setxattr(2), chown(2).
 */
static inline int sysgenid_container_make(
    const char *devices_dir, const char *name, uid_t owner, gid_t group, uint32_t minimum) {
    char path[4096], number[16];
    if (sysgenid_container_join(path, sizeof path, devices_dir, name, "") != 0 || mkdir(path, 0755) != 0)
        return -1;
    int length = snprintf(number, sizeof number, "%lu", (unsigned long)minimum);
    int result = minimum ? setxattr(path, "user.sysgenid.minimum", number, (size_t)length, 0) : 0;
    if (result == 0 && (owner != (uid_t)-1 || group != (gid_t)-1))
        result = chown(path, owner, group);
    if (result == 0)
        return 0;
    int error = errno;
    rmdir(path);
    errno = error;
    return -1;
}

/*
 * Takes the device of the container away. Who has it open, mapped or mounted keeps it, and it goes on changing with the
 * system until the last one has let it go.
 *
 * Errors: EINVAL, ENAMETOOLONG; ENOENT: there is none; EACCES, EPERM: it takes root in the user namespace of the daemon.
 */
static inline int sysgenid_container_remove(const char *devices_dir, const char *name) {
    char path[4096];
    return sysgenid_container_join(path, sizeof path, devices_dir, name, "") == 0 ? rmdir(path) : -1;
}

#ifdef __cplusplus
}
#endif

#endif
