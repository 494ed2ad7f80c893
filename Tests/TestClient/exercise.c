// Everything that can be asked of the device, once, and clients that only wait for a change.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client.h"
#include "linux/sysgenid.h"

static int is_strict, is_wrong;

// Says what a call has given; it is wrong only where the answers have to be those of a healthy daemon.
static long answer(const char *call, long got, long wanted) {
    got = got < 0 ? -errno : got;
    is_wrong |= is_strict && got != wanted;
    printf("%s %s", call, got < 0 ? strerrorname_np((int)-got) : "");
    if (got >= 0)
        printf("%ld", got);
    puts(is_strict && got != wanted ? " is wrong" : "");
    fflush(stdout);
    return got;
}

// Blocks in read and acknowledges, or sleeps in poll.
static int client(const char *path, int is_reader, int ready) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    struct pollfd entry = {.fd = open(path, O_RDWR), .events = POLLIN};
    if (entry.fd < 0)
        return 1;
    (void)!write(ready, "", 1);
    // Whoever waits for both learns of the other's end by it.
    close(ready);
    if (!is_reader)
        return poll(&entry, 1, -1) != 1 || entry.revents & POLLERR;
    uint32_t generation;
    if (read(entry.fd, &generation, sizeof generation) != sizeof generation)
        return 1;
    return write(entry.fd, &generation, sizeof generation) != sizeof generation;
}

// Starts one of each, and waits until they have opened the device or have ended.
static void start_clients(const char *path, pid_t clients[2]) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        exit(failed("pipe"));
    for (int index = 0; index < 2; index++)
        if ((clients[index] = fork()) == 0) {
            close(ends[0]);
            _exit(client(path, index == 0, ends[1]));
        }
    close(ends[1]);
    char byte;
    for (int index = 0; index < 2; index++)
        (void)!read(ends[0], &byte, 1);
    close(ends[0]);
}

static void await_clients(pid_t clients[2]) {
    for (int index = 0, status; index < 2; index++)
        if (waitpid(clients[index], &status, 0) == clients[index])
            answer(index == 0 ? "reader" : "poller", status, 0);
}

// A reader and a poller that wait for the next change; 0 where both have learned of it.
int command_await(const char *path) {
    pid_t clients[2];
    is_strict = 1;
    start_clients(path, clients);
    say("ready");
    await_clients(clients);
    return is_wrong;
}

// Asks everything and makes one change. With the generation that there is to be, each answer has to be right; without,
// calls may fail.
int command_exercise(const char *path, long long expected) {
    is_strict = expected >= 0;
    int fd = open(path, O_RDWR | O_NONBLOCK);
    if (fd < 0)
        return failed("open");
    const volatile uint32_t *page = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
    if (page == MAP_FAILED)
        return failed("mmap");
    uint32_t before = page[0], generation = before;
    answer("generation", (long)before, (long)expected);
    answer("read", read(fd, &generation, sizeof generation), -EAGAIN);
    struct pollfd entry = {.fd = fd, .events = POLLIN};
    answer("poll", poll(&entry, 1, 0), 0);
    answer("write", write(fd, &before, sizeof before), sizeof before);
    answer("track", ioctl(fd, SYSGENID_SET_WATCHER_TRACKING, 1), 0);
    answer("outdated", ioctl(fd, SYSGENID_V4_GET_OUTDATED_WATCHERS, 0), 0);
    pid_t clients[2];
    start_clients(path, clients);
    answer("trigger", ioctl(fd, SYSGENID_TRIGGER_GEN_UPDATE, 0), 0);
    // Where there was no change nobody is told of one.
    for (int index = 0; index < 2 && page[0] == before; index++)
        kill(clients[index], SIGKILL);
    await_clients(clients);
    answer("read", read(fd, &generation, sizeof generation), sizeof generation);
    answer("new generation", (long)generation, (long)expected + 1);
    answer("poll", poll(&entry, 1, 0), 1);
    answer("write", write(fd, &generation, sizeof generation), sizeof generation);
    answer("wait", ioctl(fd, SYSGENID_WAIT_WATCHERS, 1000), 0);
    answer("close", close(fd), 0);
    return is_wrong;
}
