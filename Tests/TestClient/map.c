// Mappings: those that the kernel makes, and those that the preload library makes or refuses.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "client.h"
#include "sysgenid.h"

// Maps the page through a descriptor that is open in this way, closes it, and prints the value whenever a line is read
// from standard input.
int command_map(const char *path, int flags) {
    int fd = open_device(path, flags);
    const volatile uint32_t *page = mmap(NULL, sizeof *page, PROT_READ, MAP_SHARED, fd, 0);
    if (page == MAP_FAILED)
        return failed("mmap");
    close(fd);
    say("ready");
    char line[16];
    while (fgets(line, sizeof line, stdin)) {
        printf("%u\n", *page);
        fflush(stdout);
    }
    return 0;
}

// Says each generation that the probe of sysgenid.h shows, for ever.
int command_probe(const char *path) {
    struct sysgenid_probe probe;
    if (sysgenid_probe_open(&probe, path, NULL) != 0)
        return failed("probe");
    for (uint32_t shown = ~sysgenid_probe_load(&probe);; usleep(1000)) {
        uint32_t generation = sysgenid_probe_load(&probe);
        if (generation == shown)
            continue;
        shown = generation;
        printf("%u\n", shown);
        fflush(stdout);
    }
}

static void try_to_map(const char *what, size_t length, int protection, int flags, int fd, off_t offset) {
    void *mapping = mmap(NULL, length, protection, flags, fd, offset);
    printf("%s: %s\n", what, mapping == MAP_FAILED ? strerrorname_np(errno) : "mapped");
    if (mapping != MAP_FAILED)
        munmap(mapping, length);
}

// Says what comes of mappings of each kind.
int command_map_rules(const char *path) {
    int fd = open_device(path, O_RDWR);
    size_t size = (size_t)sysconf(_SC_PAGESIZE);
    // Which the kernel refuses to map with the same error.
    int other = open("/dev/null", O_RDWR);
    try_to_map("shared, to write", size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    try_to_map("two pages", 2 * size, PROT_READ, MAP_SHARED, fd, 0);
    try_to_map("at an offset", size, PROT_READ, MAP_SHARED, fd, (off_t)size);
    try_to_map("another file", size, PROT_READ, MAP_SHARED, other, 0);
    try_to_map("private, to write", size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    try_to_map("anonymous", size, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return 0;
}
