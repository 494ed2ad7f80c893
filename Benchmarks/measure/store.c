// What a thread does for the first time until it stores a change into the page: the pages that it touches, by the kernel's
// count of its faults, and its allocations, by those of the allocation counter. Of the pages there are two numbers, until the
// old word was seen last and until the new one was seen first: where this process had no processor meanwhile they differ, and
// nothing is known.

#include <fcntl.h>
#include <linux/perf_event.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "measure.h"

enum { PAGE = 4096, RING_PAGES = 64 };

struct slot {
    _Atomic int64_t thread;
    _Atomic int64_t count;
};

struct sample {
    struct perf_event_header header;
    uint64_t time, address;
};

static void *map(int fd, size_t size, int protection) {
    void *address = mmap(NULL, size, protection, MAP_SHARED, fd, 0);
    if (fd < 0 || address == MAP_FAILED)
        fail("mmap");
    return address;
}

static int64_t allocations(struct slot *slots, int thread) {
    int64_t count = 0;
    for (size_t index = 0; index < PAGE / sizeof *slots; index++)
        if (atomic_load(&slots[index].thread) == thread)
            count += atomic_load(&slots[index].count);
    return count;
}

static struct perf_event_mmap_page *record_faults(int thread) {
    struct perf_event_attr attributes = {
        .type = PERF_TYPE_SOFTWARE,
        .size = sizeof attributes,
        .config = PERF_COUNT_SW_PAGE_FAULTS,
        .sample_period = 1,
        .sample_type = PERF_SAMPLE_ADDR | PERF_SAMPLE_TIME,
        .use_clockid = 1,
        .clockid = CLOCK_MONOTONIC,
    };
    int fd = (int)syscall(SYS_perf_event_open, &attributes, thread, -1, -1, PERF_FLAG_FD_CLOEXEC);
    // Not everywhere may a program count what another one does.
    if (fd < 0)
        return NULL;
    return map(fd, (1 + RING_PAGES) * PAGE, PROT_READ | PROT_WRITE);
}

// How many faults there were until the moment.
static int faults(struct perf_event_mmap_page *head, uint64_t moment) {
    const char *ring = (const char *)head + PAGE;
    int count = 0;
    for (uint64_t place = 0; place < head->data_head;) {
        struct sample sample;
        memcpy(&sample, ring + place % (RING_PAGES * PAGE), sizeof sample);
        if (sample.header.type == PERF_RECORD_SAMPLE && sample.time <= moment)
            count++;
        place += sample.header.size;
    }
    return count;
}

void measure_store(int thread, const char *path, const char *counts) {
    struct perf_event_mmap_page *head = record_faults(thread);
    const volatile uint32_t *word = map(open_device(path, O_RDONLY), PAGE, PROT_READ);
    struct slot *slots = map(open_device(counts, O_RDONLY), PAGE, PROT_READ);
    uint32_t before = *word;
    int64_t allocated = allocations(slots, thread);
    printf("ready\n");
    fflush(stdout);
    uint64_t last, first = now();
    do {
        last = first;
        first = now();
    } while (*word == before);
    first = now();
    allocated = allocations(slots, thread) - allocated;
    // What was sampled is there when the thread has gone on.
    usleep(10000);
    printf(
        "%d %d %lld\n", head ? faults(head, last) : -1, head ? faults(head, first) : -1, (long long)allocated);
}
