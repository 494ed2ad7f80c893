// Root, who opens, reads, polls, maps, acknowledges and closes, again and again, and has to be done in time.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adversary.h"
#include "linux/sysgenid.h"

enum step { REST, CHANGE, OPEN, STAT, READ, POLL, WRITE, IOCTL, CLOSE, OPEN_TO_MAP, MAP, LOAD, CLOSE_MAPPED, UNMAP };
static const char *const names[] = {
    "no call", "a trigger", "open", "fstat", "read", "poll", "write", "ioctl", "close", "open to map", "mmap",
    "a load from the mapped page", "close of what is mapped", "munmap"};

const char *watchdog_step(void) { return names[atomic_load(&shared->watchdog.step)]; }

enum { ROUNDS_TO_A_CHANGE = 300 };

static int64_t slowest;
static enum step slowest_step;

static int64_t begun;

static void enter(enum step step) {
    int64_t time = now();
    enum step before = atomic_load(&shared->watchdog.step);
    if (before != REST && time - begun > slowest) {
        slowest = time - begun;
        slowest_step = before;
    }
    begun = time;
    atomic_store(&shared->watchdog.step, step);
}

// The first complaint is the one that counts. It ends the watchdog.
static void __attribute__((format(printf, 1, 2), noreturn)) give_up(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(shared->watchdog.complaint, sizeof shared->watchdog.complaint, format, arguments);
    va_end(arguments);
    atomic_store(&shared->watchdog.has_complained, true);
    _exit(1);
}

static void expect_result(long got, long expected) {
    if (got == expected) return;
    const char *why = got == -1 ? strerrorname_np(errno) : "";
    give_up("%s answered %ld %s, where %ld was expected", watchdog_step(), got, why, expected);
}

// A change of its own: there is no other one. Whoever opens after it has acknowledged it.
static uint32_t change(const char *path, uint32_t generation) {
    enter(CHANGE);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd == -1) expect_result(fd, 0);
    expect_result(ioctl(fd, SYSGENID_TRIGGER_GEN_UPDATE, 0), 0);
    expect_result(close(fd), 0);
    return generation + 1;
}

static void use(const char *path, uint32_t generation, bool has_changes) {
    enter(OPEN);
    int fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (fd == -1) expect_result(fd, 0);
    struct stat status;
    enter(STAT);
    expect_result(fstat(fd, &status), 0);
    uint32_t word;
    enter(READ);
    ssize_t got = read(fd, &word, sizeof word);
    if (got != -1 || errno != EAGAIN) give_up("read answered %zd, generation %u: there was no change", got, word);
    struct pollfd entry = {.fd = fd, .events = POLLIN};
    enter(POLL);
    expect_result(poll(&entry, 1, 0), 0);
    enter(WRITE);
    expect_result(write(fd, &generation, sizeof generation), sizeof generation);
    enter(IOCTL);
    int outdated = ioctl(fd, SYSGENID_V4_GET_OUTDATED_WATCHERS, 0);
    // Without a change nobody is outdated.
    if (outdated == -1 || !has_changes) expect_result(outdated, 0);
    enter(CLOSE);
    expect_result(close(fd), 0);
}

static void look(const char *path, uint32_t generation, size_t page) {
    enter(OPEN_TO_MAP);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd == -1) expect_result(fd, 0);
    enter(MAP);
    const _Atomic uint32_t *word = mmap(NULL, page, PROT_READ, MAP_SHARED, fd, 0);
    if (word == MAP_FAILED) expect_result(-1, 0);
    enter(LOAD);
    uint32_t seen = atomic_load(word);
    if (seen != generation) give_up("the mapped page shows %u, where %u was expected", seen, generation);
    enter(CLOSE_MAPPED);
    expect_result(close(fd), 0);
    enter(UNMAP);
    expect_result(munmap((void *)word, page), 0);
}

// How long this process was ready to run and did not, since it began: the second number there, in nanoseconds
// (CONFIG_SCHED_INFO). That is the machine's doing, and not the device's. 0 where the kernel does not tell.
static int64_t queued(void) {
    static int fd = -1;
    if (fd == -1) fd = open("/proc/self/schedstat", O_RDONLY | O_CLOEXEC);
    char text[128] = "";
    long long ran, waited = 0;
    if (pread(fd, text, sizeof text - 1, 0) <= 0 || sscanf(text, "%lld %lld", &ran, &waited) != 2) return 0;
    return waited;
}

void run_watchdog(const struct options *options, uint32_t generation) {
    struct stat status;
    // The kernel's character devices in user space have no mmap.
    bool can_be_mapped = stat(options->path, &status) == 0 && !S_ISCHR(status.st_mode);
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    while (!atomic_load(&shared->watchdog.is_to_end)) {
        floor_begin();
        atomic_store(&shared->watchdog.rounds_of_floor, floor_rounds());
        int64_t start = now(), queued_before = queued();
        slowest = 0;
        atomic_store(&shared->watchdog.begun, start);
        bool is_due = options->has_changes && atomic_load(&shared->watchdog.rounds) % ROUNDS_TO_A_CHANGE == 0;
        if (is_due) generation = change(options->path, generation);
        use(options->path, generation, options->has_changes);
        if (can_be_mapped) look(options->path, generation, page);
        enter(REST);
        atomic_store(&shared->watchdog.begun, 0);
        int64_t took = now() - start - (queued() - queued_before), floor = floor_worst();
        if (took > atomic_load(&shared->watchdog.worst)) {
            atomic_store(&shared->watchdog.worst, took);
            atomic_store(&shared->watchdog.floor_of_worst, floor);
        }
        if (is_too_long(took, floor) && atomic_fetch_add(&shared->watchdog.slow_rounds, 1) == ROUNDS_ALLOWED)
            give_up("round %d that is too long took %.1f ms, %.1f of them in %s, and the floor %.1f ms at most",
                ROUNDS_ALLOWED + 1, took / 1e6, slowest / 1e6, names[slowest_step], floor / 1e6);
        atomic_fetch_add(&shared->watchdog.rounds, 1);
        usleep(2000);
    }
    _exit(0);
}
