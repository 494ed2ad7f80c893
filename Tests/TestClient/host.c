// A host with very many containers, each of which has its device open several times.

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client.h"

enum { watchers_of_each = 4 };

static int failures;

// Opens the device of a container that is made for it, so that each change is an event, and maps its page.
static int inhabit(const char *containers, int index, int events, int *files, const uint32_t **page) {
    char path[4096];
    snprintf(path, sizeof path, "%s/c%d", containers, index);
    if (mkdir(path, 0755) != 0)
        return failed("mkdir");
    strncat(path, "/sysgenid", sizeof path - strlen(path) - 1);
    for (int watcher = 0; watcher < watchers_of_each; watcher++) {
        files[watcher] = open(path, O_RDWR | O_NONBLOCK);
        struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.fd = files[watcher]};
        if (files[watcher] < 0 || epoll_ctl(events, EPOLL_CTL_ADD, files[watcher], &event) != 0)
            return failed("open or epoll_ctl");
    }
    // Before Linux 6.9 only what is open for reading can be mapped.
    int mapped = open(path, O_RDONLY | O_NONBLOCK);
    *page = mmap(NULL, 4096, PROT_READ, MAP_SHARED, mapped, 0);
    close(mapped);
    return *page == MAP_FAILED ? failed("mmap") : 0;
}

// Whether the watcher is told of the generation, and takes it; nothing else but that there is none may be said.
static int is_told(int file, uint32_t expected) {
    uint32_t generation;
    ssize_t got = read(file, &generation, sizeof generation);
    if (got < 0 && errno == EAGAIN)
        return 0;
    if (got != sizeof generation || generation != expected || write(file, &generation, sizeof generation) != got)
        failures++;
    return 1;
}

// Waits until all were told of a generation, by an event each.
static int await_all(int events, int count, uint32_t expected) {
    struct epoll_event found[256];
    for (int told = 0; told < count;) {
        int ready = epoll_wait(events, found, 256, -1);
        for (int index = 0; index < ready; index++)
            told += is_told(found[index].data.fd, expected);
    }
    return count;
}

// Makes the containers. Then, told "GENERATION", waits until all have it; told "look", asks each whether there is news.
int command_host(const char *containers, int count) {
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    int events = epoll_create1(0), watchers = count * watchers_of_each;
    int *watched = calloc(watchers, sizeof *watched);
    const uint32_t **pages = calloc(count, sizeof *pages);
    for (int index = 0; index < count; index++)
        if (inhabit(containers, index, events, &watched[index * watchers_of_each], &pages[index]) != 0)
            return 1;
    setvbuf(stdout, NULL, _IOLBF, 0);
    puts("ready");
    uint32_t current = 0;
    char line[32];
    while (fgets(line, sizeof line, stdin)) {
        int told = 0;
        if (strcmp(line, "look\n") == 0)
            for (int index = 0; index < watchers; index++)
                told += is_told(watched[index], current);
        else
            told = await_all(events, watchers, current = strtoul(line, NULL, 10));
        for (int index = 0; index < count; index++)
            failures += *(const volatile uint32_t *)pages[index] != current;
        printf("%d told of %u, %d failures\n", told, current, failures);
    }
    return 0;
}
