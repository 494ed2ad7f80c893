// How long after a resume a program can still use what a clone has, too: from the moment at which the played vmclock of
// /dev/vmclock0 shows another counter, before anybody is told of it, to the moment at which the device's page does.
//
// The floor waits in the same way, by poll of the clock, stores a word, and tells the clock then that it has read. It has the
// priority and the locked memory of the unit, as the daemon has. Who looks has a processor for itself while it looks, and
// sees both pages. The driver, which runs in the kernel otherwise, comes before all others. A second such process has the
// kernel's random generator reseeded before it stores, as the daemon must: with 16 bytes that have no credit.

#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/random.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "measure.h"

enum { LATE = 0, PAGE = 4096, COUNTER = 0x68, MINIMUM_PAUSE = 2000, VARIED_PAUSE = 1000 };

static const volatile uint32_t *counter, *shown;
static struct shared {
    _Alignas(64) volatile uint32_t word;
    _Alignas(64) atomic_int is_looking;
    _Alignas(64) _Atomic uint64_t taken;
} *shared;

static const volatile void *map(int fd) {
    void *address = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
    if (address == MAP_FAILED)
        fail("mmap");
    return address;
}

static void reseed(int pool) {
    struct {
        int credit, size;
        unsigned char bytes[16];
    } mixture = {.size = 16};
    if (ioctl(pool, RNDADDENTROPY, &mixture) != 0 || ioctl(pool, RNDRESEEDCRNG) != 0)
        fail("reseed");
}

static uint32_t store_what_is_new(uint32_t seen, int pool) {
    uint32_t value = *counter;
    if (value != seen) {
        if (pool >= 0)
            reseed(pool);
        shared->word++;
    }
    return value;
}

static _Noreturn void store_when_woken(const char *path, int is_reseeding) {
    int clock = open_device(path, O_RDONLY | O_NONBLOCK);
    counter = (const volatile uint32_t *)((const volatile char *)map(clock) + COUNTER);
    run_first(1);
    // As the daemon: only without a limit.
    struct rlimit limit = {.rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY};
    if (setrlimit(RLIMIT_MEMLOCK, &limit) == 0 && mlockall(MCL_CURRENT | MCL_FUTURE) != 0)
        fail("mlockall");
    int pool = is_reseeding ? open_device("/dev/urandom", O_WRONLY) : -1;
    uint32_t seen = *counter, word;
    struct pollfd wait = {.fd = clock, .events = POLLIN};
    while (poll(&wait, 1, -1) > 0) {
        seen = store_what_is_new(seen, pool);
        if (pread(clock, &word, sizeof word, 0) != sizeof word)
            fail("pread");
        seen = store_what_is_new(seen, pool);
    }
    fail("poll");
}

static _Noreturn void look(int ask, int done) {
    // Only for the moments for which it looks: a process that always runs is held back by the kernel.
    run_first(1);
    uint64_t count;
    for (;;) {
        if (read(ask, &count, sizeof count) != sizeof count)
            fail("eventfd");
        uint32_t before = *counter, last = *shown;
        atomic_store(&shared->is_looking, 1);
        while (*counter == before)
            ;
        uint64_t begin = now();
        // Else it had lost its processor meanwhile, and has seen neither when it happened.
        int is_in_time = *shown == last;
        while (*shown == last)
            ;
        atomic_store(&shared->taken, is_in_time ? now() - begin : LATE);
        atomic_store(&shared->is_looking, 0);
        if (write(done, &count, sizeof count) != sizeof count)
            fail("eventfd");
    }
}

static _Noreturn void burn(void) {
    for (volatile unsigned turns = 0;; turns++)
        ;
}

static double take(int clock, int ask, int done) {
    uint64_t one = 1;
    // Lets the daemon finish what follows a change: changes are rare.
    usleep(MINIMUM_PAUSE + (unsigned)rand() % VARIED_PAUSE);
    if (write(ask, &one, sizeof one) != sizeof one)
        fail("eventfd");
    while (!atomic_load(&shared->is_looking))
        usleep(20);
    trigger(clock);
    if (read(done, &one, sizeof one) != sizeof one)
        fail("eventfd");
    return (double)atomic_load(&shared->taken);
}

void measure_window(struct placement placement, const char *clock_path, const char *path, int percentile, int is_busy,
                    int count) {
    int is_reseeding = path && strcmp(path, "reseed") == 0;
    if (is_reseeding)
        path = NULL;
    enum { MOST = 4 };
    pid_t processes[MOST];
    int started = 0, ask = eventfd(0, 0), done = eventfd(0, 0);
    int clock = open_device(clock_path, O_RDONLY);
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        fail("mmap");
    counter = (const volatile uint32_t *)((const volatile char *)map(clock) + COUNTER);
    shown = path ? map(open_device(path, O_RDONLY)) : &shared->word;
    if (!path && (processes[started++] = start_pinned(placement.peer)) == 0)
        store_when_woken(clock_path, is_reseeding);
    if ((processes[started++] = start_pinned(placement.client)) == 0)
        look(ask, done);
    for (int each = 0; is_busy && each < 2; each++)
        if ((processes[started++] = start_pinned(each ? placement.client : placement.peer)) == 0)
            burn();
    pin(placement.peer);
    usleep(100000);

    double *times = allocate((unsigned)count, sizeof *times);
    // The first ones only warm up.
    for (int index = -10, late = 0; index < count; index++) {
        times[index < 0 ? 0 : index] = take(clock, ask, done);
        if (times[index < 0 ? 0 : index] != LATE)
            continue;
        index--;
        if (++late > 10 * count) {
            fprintf(stderr, "measure: who looks has no processor of its own: let less run beside it\n");
            exit(1);
        }
    }
    median(times, count);
    printf("%.1f\n", times[(count - 1) * percentile / 100]);
    while (started > 0) {
        kill(processes[--started], SIGKILL);
        waitpid(processes[started], NULL, 0);
    }
}
