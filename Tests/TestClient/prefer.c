// A library that prefers a vmclock with a generation counter, and takes the device where there is none: what AWS-LC would do
// with what is proposed for it, by the same system calls and with the same demands. It was written after their description,
// for the tests of what such a library makes of the pages here.

#define _GNU_SOURCE
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "client.h"

enum { MAGIC = 0x4b4c4356, FLAGS = 0x18, SEQUENCE = 0x0c, COUNTER = 0x68, SIZE = 112, HAS_COUNTER = 1 << 8, TRIES = 1024 };

// Neither stat(2) nor the size of a page: what the structure has, read-only and shared.
static const volatile char *map(const char *path, size_t size) {
    int fd = open(path, O_RDONLY);
    if (fd < 0)
        return NULL;
    const volatile char *page = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
    close(fd);
    return page == MAP_FAILED ? NULL : page;
}

static const volatile char *map_clock(const char *path) {
    const volatile char *page = map(path, SIZE);
    if (!page)
        return NULL;
    // Neither the version nor the size is asked for.
    if (*(const volatile uint32_t *)page == MAGIC && (*(const volatile uint64_t *)(page + FLAGS) & HAS_COUNTER))
        return page;
    munmap((void *)(uintptr_t)page, SIZE);
    return NULL;
}

// Whether the counter could be read while nobody wrote the page.
static int read_counter(const volatile char *page, uint64_t *counter) {
    const volatile _Atomic uint32_t *sequence = (const volatile void *)(page + SEQUENCE);
    const volatile _Atomic uint64_t *word = (const volatile void *)(page + COUNTER);
    for (int tries = 0; tries < TRIES; tries++) {
        uint32_t before = atomic_load(sequence) & ~1u;
        *counter = atomic_load(word);
        if (atomic_load(sequence) == before)
            return 1;
    }
    return 0;
}

// Says which of the two it takes, and for each line that it is sent the number by which it notices a change.
int command_prefer(const char *path, const char *clock) {
    const volatile char *vmclock = map_clock(clock), *sysgenid = vmclock ? NULL : map(path, sizeof(uint32_t));
    say(vmclock ? "vmclock" : sysgenid ? "sysgenid" : "none");
    char line[16];
    while (fgets(line, sizeof line, stdin)) {
        uint64_t number = 0;
        if (vmclock && !read_counter(vmclock, &number))
            say("unsteady");
        else {
            printf("%llu\n", (unsigned long long)(sysgenid ? *(const volatile uint32_t *)sysgenid : number));
            fflush(stdout);
        }
    }
    return 0;
}
