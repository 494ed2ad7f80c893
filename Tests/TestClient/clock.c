// A program that was written for vmclocks: it knows the layout of their page, and nothing of the device.

#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "client.h"

enum { ID = 0x0a, SEQUENCE = 0x0c, MARKER = 0x10, STATUS = 0x22, VALUE = 0x28, COUNTER = 0x68, INVALID = 0xff };

// What the page shows of a clock.
struct clock {
    uint32_t sequence;
    uint8_t id, status;
    uint64_t marker;
    // From VALUE on, to the counter.
    uint64_t numbers[(COUNTER - VALUE) / 8];
};

static struct clock load_clock(const volatile char *page) {
    const volatile _Atomic uint32_t *sequence = (const volatile void *)(page + SEQUENCE);
    struct clock seen;
    do {
        seen.sequence = atomic_load(sequence);
        seen.id = (uint8_t)page[ID];
        seen.status = (uint8_t)page[STATUS];
        seen.marker = *(const volatile uint64_t *)(page + MARKER);
        for (size_t index = 0; index < sizeof seen.numbers / sizeof *seen.numbers; index++)
            seen.numbers[index] = *(const volatile uint64_t *)(page + VALUE + 8 * index);
        atomic_thread_fence(memory_order_acquire);
    } while (seen.sequence % 2 != 0 || atomic_load(sequence) != seen.sequence);
    return seen;
}

// Whether all numbers of a clock are the marker, as the test has them that plays the hypervisor; without a clock, nothing.
static int is_whole(const struct clock *seen) {
    for (size_t index = 0; index < sizeof seen->numbers / sizeof *seen->numbers; index++)
        if (seen->numbers[index] != (seen->id == INVALID ? 0 : seen->marker))
            return 0;
    return 1;
}

// Looks until the marker is the last one; how many of what it has seen was mixed.
static long count_mixed(const volatile char *page, uint64_t last) {
    long mixed = 0;
    struct clock seen;
    do {
        seen = load_clock(page);
        mixed += !is_whole(&seen);
    } while (seen.marker != last);
    return mixed;
}

// Opens the page and obeys: `look` says the sequence number and the counter that the mapped page shows, `read` the counter
// by pread(2), `poll` whether that is old, and `sleep` sleeps in poll(2) until it is. `time` says what the mapped page shows
// of a clock: whether it is one, its status, the disruption marker and the seconds; `follow N` looks until the marker is N.
int command_clock(const char *path) {
    int fd = open_device(path, O_RDONLY);
    const volatile char *page = mmap(NULL, (size_t)sysconf(_SC_PAGESIZE), PROT_READ, MAP_SHARED, fd, 0);
    if (page == MAP_FAILED)
        return failed("mmap");
    const volatile _Atomic uint32_t *sequence = (const volatile void *)(page + SEQUENCE);
    const volatile _Atomic uint64_t *counter = (const volatile void *)(page + COUNTER);
    struct pollfd entry = {.fd = fd, .events = POLLIN};
    say("ready");
    char line[32];
    while (fgets(line, sizeof line, stdin)) {
        if (strcmp(line, "look\n") == 0) {
            uint32_t before;
            uint64_t seen;
            do {
                before = atomic_load(sequence);
                seen = atomic_load(counter);
            } while (before % 2 != 0 || atomic_load(sequence) != before);
            printf("%u %llu\n", before, (unsigned long long)seen);
            fflush(stdout);
        } else if (strcmp(line, "read\n") == 0) {
            uint64_t seen;
            ssize_t got = pread(fd, &seen, sizeof seen, COUNTER);
            print_answer(got == sizeof seen ? (long)seen : -1);
        } else if (strcmp(line, "poll\n") == 0)
            print_answer(poll(&entry, 1, 0));
        else if (strcmp(line, "sleep\n") == 0)
            print_answer(poll(&entry, 1, -1));
        else if (strcmp(line, "time\n") == 0) {
            struct clock seen = load_clock(page);
            printf("%s %u %llu %llu\n", seen.id == INVALID ? "invalid" : "valid", seen.status,
                (unsigned long long)seen.marker, (unsigned long long)seen.numbers[4]);
            fflush(stdout);
        } else if (strncmp(line, "follow ", 7) == 0) {
            say("following");
            print_answer(count_mixed(page, strtoull(line + 7, NULL, 10)));
        }
    }
    return 0;
}
