// A plain client of the device for the end-to-end tests: it knows POSIX and the uapi header, nothing else.
//
// Each command says `ready` once it is about to block, and then what it saw, one word or number a line. It
// ends with 0, or with the error number of the call that failed.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "client.h"
#include "linux/sysgenid.h"

void say(const char *word) {
    puts(word);
    fflush(stdout);
}

int failed(const char *call) {
    int error = errno;
    printf("%s: %s\n", call, strerror(error));
    fflush(stdout);
    return error;
}

void print_answer(long result) {
    if (result < 0)
        printf("%s\n", strerrorname_np(errno));
    else
        printf("%ld\n", result);
    fflush(stdout);
}

int has_stopped(int number, unsigned int microseconds) {
    static int last = -1, sleeps;
    usleep(microseconds);
    sleeps = number == last ? sleeps + 1 : 0;
    last = number;
    return sleeps >= 30000;
}

int open_device(const char *path, int flags) {
    int fd = open(path, flags);
    if (fd < 0)
        exit(failed("open"));
    return fd;
}

const volatile uint32_t *map_device(const char *path) {
    const volatile uint32_t *page = mmap(NULL, sizeof *page, PROT_READ, MAP_SHARED, open_device(path, O_RDONLY), 0);
    if (page == MAP_FAILED)
        exit(failed("mmap"));
    return page;
}

// Blocks in read, again and again, acknowledging what it gets.
static int command_read(const char *path, int count) {
    int fd = open_device(path, O_RDWR);
    say("ready");
    for (; count > 0; count--) {
        uint32_t generation;
        ssize_t got;
        // FUSE cannot hide from a program that it was stopped and continued.
        do
            got = read(fd, &generation, sizeof generation);
        while (got < 0 && errno == EINTR);
        if (got != sizeof generation)
            return failed("read");
        printf("%u\n", generation);
        fflush(stdout);
        if (write(fd, &generation, sizeof generation) != sizeof generation)
            return failed("write");
    }
    return 0;
}

// Sleeps in poll until there is something.
static int command_poll(const char *path) {
    struct pollfd entry = {.fd = open_device(path, O_RDONLY), .events = POLLIN};
    say("ready");
    if (poll(&entry, 1, -1) != 1)
        return failed("poll");
    printf("%s%s\n", entry.revents & POLLIN ? "POLLIN" : "", entry.revents & POLLERR ? "POLLERR" : "");
    return 0;
}

// Sleeps in an edge-triggered epoll, again and again, and says each event.
static int command_epoll(const char *path) {
    struct epoll_event event = {.events = EPOLLIN | EPOLLET};
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, open_device(path, O_RDONLY), &event) != 0)
        return failed("epoll_ctl");
    say("ready");
    while (epoll_wait(epoll, &event, 1, -1) == 1) {
        if (event.events & (EPOLLERR | EPOLLHUP)) {
            say("EPOLLERR");
            return 0;
        }
        say("EPOLLIN");
    }
    return failed("epoll_wait");
}

// Becomes an overseer that waits, while another open file is tracked and outdated.
static int command_wait(const char *path) {
    int outdated = open_device(path, O_RDONLY);
    if (ioctl(outdated, SYSGENID_SET_WATCHER_TRACKING, 1) != 0)
        return failed("SET_WATCHER_TRACKING");
    if (ioctl(outdated, SYSGENID_TRIGGER_GEN_UPDATE, 0) != 0)
        return failed("TRIGGER_GEN_UPDATE");
    int overseer = open_device(path, O_RDONLY);
    say("ready");
    if (ioctl(overseer, SYSGENID_WAIT_WATCHERS, 0) != 0)
        return failed("WAIT_WATCHERS");
    say("done");
    return 0;
}

// Is tracked, waits for the next change, and acknowledges it when a line is read from standard input.
static int command_track(const char *path) {
    int fd = open_device(path, O_RDWR);
    if (ioctl(fd, SYSGENID_SET_WATCHER_TRACKING, 1) != 0)
        return failed("SET_WATCHER_TRACKING");
    say("ready");
    uint32_t generation;
    if (read(fd, &generation, sizeof generation) != sizeof generation)
        return failed("read");
    printf("%u\n", generation);
    fflush(stdout);
    char line[16];
    if (!fgets(line, sizeof line, stdin))
        return EIO;
    if (write(fd, &generation, sizeof generation) != sizeof generation)
        return failed("write");
    say("acknowledged");
    return 0;
}

// Maps the page and looks at it a thousand times a second; prints each value that it did not show before.
static int command_follow(const char *path) {
    const volatile uint32_t *page = map_device(path);
    say("ready");
    uint32_t shown = 0;
    for (int is_first = 1;; usleep(1000)) {
        uint32_t generation = *page;
        if (!is_first && generation == shown)
            continue;
        printf("%u\n", generation);
        fflush(stdout);
        shown = generation;
        is_first = 0;
    }
}

// Opens the device as often as it may, and says why not more often.
static int command_open(const char *path, int count) {
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    for (int opened = 0; opened < count; opened++)
        if (open(path, O_RDONLY) < 0) {
            printf("%d\n", opened);
            fflush(stdout);
            return failed("open");
        }
    printf("%d\n", count);
    return 0;
}

// The same, and keeps them until the client is ended.
static int command_hold(const char *path, int count) {
    int result = command_open(path, count);
    say("held");
    pause();
    return result;
}

// Writes to the page through a writable mapping, and waits until it is right again.
static int command_scribble(const char *path) {
    int fd = open_device(path, O_RDWR);
    volatile uint32_t *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (page == MAP_FAILED)
        return failed("mmap");
    uint32_t before = page[0];
    page[0] = before + 1000;
    page[1] = 1;
    while (page[0] != before || page[1] != 0)
        usleep(10000);
    say("restored");
    return 0;
}

static uint64_t now_in_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

// Maps the page for writing, and writes to it the number of each line that is read from standard input. Says what it is put
// right to, and after how many milliseconds.
static int command_forge(const char *path) {
    int fd = open_device(path, O_RDWR);
    volatile uint32_t *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (page == MAP_FAILED)
        return failed("mmap");
    close(fd);
    say("mapped");
    char line[16];
    while (fgets(line, sizeof line, stdin)) {
        uint32_t forged = strtoul(line, NULL, 10);
        uint64_t begun = now_in_ms();
        page[0] = forged;
        while (page[0] == forged)
            usleep(500);
        printf("%u after %lu\n", page[0], (unsigned long)(now_in_ms() - begun));
        fflush(stdout);
    }
    return 0;
}

static int command_trigger(const char *path) {
    int fd = open_device(path, O_RDONLY);
    return ioctl(fd, SYSGENID_TRIGGER_GEN_UPDATE, 0) == 0 ? 0 : failed("TRIGGER_GEN_UPDATE");
}

int main(int argc, char **argv) {
    if (argc < 3)
        return EINVAL;
    const char *command = argv[1], *path = argv[2];
    int count = argc > 3 ? atoi(argv[3]) : 1;
    if (strcmp(command, "read") == 0)
        return command_read(path, count);
    if (strcmp(command, "poll") == 0)
        return command_poll(path);
    if (strcmp(command, "epoll") == 0)
        return command_epoll(path);
    if (strcmp(command, "wait") == 0)
        return command_wait(path);
    if (strcmp(command, "track") == 0)
        return command_track(path);
    if (strcmp(command, "map") == 0)
        return command_map(path, O_RDONLY);
    if (strcmp(command, "follow") == 0)
        return command_follow(path);
    if (strcmp(command, "probe") == 0)
        return command_probe(path);
    if (strcmp(command, "crowd") == 0)
        return command_crowd(path, count);
    if (strcmp(command, "map-writable") == 0)
        return command_map(path, O_RDWR);
    if (strcmp(command, "map-rules") == 0)
        return command_map_rules(path);
    if (strcmp(command, "throng") == 0)
        return command_throng(path, count);
    if (strcmp(command, "churn") == 0)
        return command_churn(path, count);
    if (strcmp(command, "measure") == 0 && argc > 3)
        return command_measure(path, strtoull(argv[3], NULL, 0));
    if (strcmp(command, "floor") == 0)
        return command_floor(path);
    if (strcmp(command, "prefer") == 0 && argc > 3)
        return command_prefer(path, argv[3]);
    if (strcmp(command, "window") == 0 && argc > 3)
        return command_window(path, argv[3]);
    if (strcmp(command, "suspend") == 0 && argc > 3)
        return command_suspend(path, argv[3]);
    if (strcmp(command, "backup") == 0)
        return command_backup(path);
    if (strcmp(command, "uuids") == 0)
        return command_uuids(path);
    if (strcmp(command, "uuids-unaware") == 0)
        return command_uuids(NULL);
    if (strcmp(command, "interact") == 0)
        return command_interact(path);
    if (strcmp(command, "host") == 0)
        return command_host(path, count);
    if (strcmp(command, "clock") == 0)
        return command_clock(path);
    if (strcmp(command, "tree") == 0)
        return command_tree(path);
    if (strcmp(command, "expire") == 0)
        return command_expire(path, count);
    if (strcmp(command, "torture") == 0)
        return command_torture(path, count);
    if (strcmp(command, "exercise") == 0)
        return command_exercise(path, argc > 3 ? strtoll(argv[3], NULL, 10) : -1);
    if (strcmp(command, "await") == 0)
        return command_await(path);
    if (strcmp(command, "inject") == 0 && argc > 3)
        return command_inject(path, argv + 3);
    if (strcmp(command, "endure") == 0)
        return command_endure(path, count);
    if (strcmp(command, "resettle") == 0)
        return command_resettle(path, count);
    if (strcmp(command, "real-time") == 0)
        return command_real_time(argv + 2);
    if (strcmp(command, "supervise") == 0 && argc > 3)
        return command_supervise(path, argv + 3);
    if (strcmp(command, "open") == 0)
        return command_open(path, count);
    if (strcmp(command, "hold") == 0)
        return command_hold(path, count);
    if (strcmp(command, "family") == 0)
        return command_family(path, count);
    if (strcmp(command, "scribble") == 0)
        return command_scribble(path);
    if (strcmp(command, "forge") == 0)
        return command_forge(path);
    if (strcmp(command, "signals") == 0)
        return command_signals(path);
    if (strcmp(command, "trigger") == 0)
        return command_trigger(path);
    return EINVAL;
}
