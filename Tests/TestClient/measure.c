// How long it takes from the moment at which a resumed machine runs again until the page has changed.
//
// QEMU writes the new generation ID into the guest's memory once it has loaded the snapshot, before it starts the
// processor (vmgenid_post_load in hw/acpi/vmgenid.c; the monitor of a machine that is resumed with -S shows the new
// one there while no instruction has run), and the guest's clocks stand still in between. So the last look that
// still saw the old ID was the last one before the resume, and the time counts from there: it is never too short,
// and too long by the distance of two looks at most.
//
// There may be one processor only. A client that looks without a pause would take it from the daemon, or, where it
// gives way to all others, see the page only when everybody has slept again, some of them long after the change. So
// this one is woken by the clock and goes before all others, but only for a few microseconds a millisecond.

#define _GNU_SOURCE // SCHED_FIFO

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "client.h"

// An identity, copied by whole words from where the hypervisor writes it.
struct identity {
    uint32_t words[4];
};

static struct identity look(const volatile uint32_t *memory) {
    struct identity identity;
    for (int index = 0; index < 4; index++)
        identity.words[index] = memory[index];
    return identity;
}

// Maps the identity without O_SYNC: with it the kernel refuses what its own driver has mapped.
static const volatile uint32_t *map_identity(uint64_t address) {
    uint64_t offset = address % sysconf(_SC_PAGESIZE);
    int fd = open_device("/dev/mem", O_RDONLY);
    const char *page = mmap(NULL, offset + sizeof(struct identity), PROT_READ, MAP_SHARED, fd, address - offset);
    if (page == MAP_FAILED)
        exit(failed("mmap of /dev/mem"));
    return (const volatile uint32_t *)(page + offset);
}

// Microseconds.
static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * INT64_C(1000000) + time.tv_nsec / 1000;
}

static void sleep_a_little(void) {
    struct timespec millisecond = {.tv_nsec = 1000000};
    clock_nanosleep(CLOCK_MONOTONIC, 0, &millisecond, NULL);
}

// When the kernel logged that it had reseeded its random generator, by CLOCK_MONOTONIC; -1 where it has not within
// two seconds. The log has a clock of its own, so a line is written to it at a time that is known by both.
static int64_t reseeding(int log) {
    static const char mark[] = "<7>TestClient: the page has changed\n";
    int64_t marked = now();
    if (write(log, mark, strlen(mark)) < 0)
        exit(failed("write to /dev/kmsg"));
    long long reseeded = -1, stamp_of_mark = -1;
    struct pollfd entry = {.fd = log, .events = POLLIN};
    while (reseeded < 0 || stamp_of_mark < 0) {
        char record[8192];
        ssize_t length = read(log, record, sizeof record - 1);
        if (length < 0 && errno == EAGAIN && poll(&entry, 1, 2000) != 1)
            return -1;
        unsigned priority;
        long long stamp;
        record[length < 0 ? 0 : length] = 0;
        if (sscanf(record, "%u,%*u,%lld,", &priority, &stamp) != 2)
            continue;
        // Only the kernel itself writes with less.
        if (priority < 8 && strstr(record, ";random: crng reseeded due to virtual machine fork\n"))
            reseeded = stamp;
        if (strstr(record, ";TestClient: "))
            stamp_of_mark = stamp;
    }
    return marked + reseeded - stamp_of_mark;
}

// Says for each resume how many microseconds after it the new identity was seen, the page had changed, and the
// kernel logged its own reseeding; and to which value the page has changed.
int command_measure(const char *path, uint64_t address) {
    const volatile uint32_t *page = map_device(path);
    const volatile uint32_t *memory = map_identity(address);
    int log = open("/dev/kmsg", O_RDWR | O_NONBLOCK);
    if (log < 0 || lseek(log, 0, SEEK_END) < 0)
        return failed("open of /dev/kmsg");
    struct sched_param parameters = {.sched_priority = 2};
    if (mlockall(MCL_CURRENT) != 0 || sched_setscheduler(0, SCHED_FIFO, &parameters) != 0)
        return failed("sched_setscheduler");
    struct identity known = look(memory);
    uint32_t generation = *page;
    say("ready");
    for (int64_t before = now();; sleep_a_little()) {
        int64_t begin = now();
        uint32_t shown = *page;
        struct identity seen = look(memory);
        if (memcmp(&seen, &known, sizeof seen) == 0) {
            before = begin;
            if (shown != generation)
                say("the page has changed without a resume");
            generation = shown;
            continue;
        }
        int64_t noticed = now() - before;
        while (*page == generation)
            sleep_a_little();
        int64_t changed = now() - before, reseeded = reseeding(log);
        generation = *page;
        known = seen;
        printf(
            "generation %u noticed %lld changed %lld reseeded %lld\n", generation, (long long)noticed,
            (long long)changed, (long long)(reseeded < 0 ? -1 : reseeded - before));
        fflush(stdout);
    }
}
