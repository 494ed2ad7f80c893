// A program that was written for vmclocks: it knows the layout of their page, and nothing of the device.

#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "client.h"

enum { SEQUENCE = 0x0c, COUNTER = 0x68 };

// Opens the page and obeys: `look` says the sequence number and the counter that the mapped page shows, `read` the counter
// by pread(2), `poll` whether that is old, and `sleep` sleeps in poll(2) until it is.
int command_clock(const char *path) {
    int fd = open_device(path, O_RDONLY);
    const volatile char *page = mmap(NULL, (size_t)sysconf(_SC_PAGESIZE), PROT_READ, MAP_SHARED, fd, 0);
    if (page == MAP_FAILED)
        return failed("mmap");
    const volatile _Atomic uint32_t *sequence = (const volatile void *)(page + SEQUENCE);
    const volatile _Atomic uint64_t *counter = (const volatile void *)(page + COUNTER);
    struct pollfd entry = {.fd = fd, .events = POLLIN};
    say("ready");
    char line[16];
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
    }
    return 0;
}
