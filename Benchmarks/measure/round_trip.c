// One round trip to the daemon and back, against one byte to another process and back over two pipes.

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "measure.h"

static int to_peer, from_peer, watcher;
static uint32_t generation;

static void ping_pong(void) {
    char byte = 0;
    if (write(to_peer, &byte, 1) != 1 || read(from_peer, &byte, 1) != 1)
        fail("ping-pong");
}

static void read_once(void) {
    uint32_t seen;
    if (read(watcher, &seen, sizeof seen) != sizeof seen)
        fail("read");
}

static void acknowledge(void) {
    if (write(watcher, &generation, sizeof generation) != sizeof generation)
        fail("write");
}

static void make_change(void) {
    trigger(watcher);
}

static pid_t start_peer(int processor) {
    int there[2], back[2];
    if (pipe(there) != 0 || pipe(back) != 0)
        fail("pipe");
    to_peer = there[1];
    from_peer = back[0];
    pid_t peer = fork();
    if (peer != 0)
        return peer;
    pin(processor);
    char byte;
    while (read(there[0], &byte, 1) == 1 && write(back[1], &byte, 1) == 1)
        ;
    _exit(0);
}

// The mean of a hundred calls, and of those the median: what every call costs counts, a disturbance does not.
static double per_call(void (*call)(void), int count) {
    enum { GROUP = 100 };
    int groups = (count + GROUP - 1) / GROUP;
    double *means = allocate(groups, sizeof *means);
    for (int index = 0; index < GROUP; index++)
        call();
    for (int group = 0; group < groups; group++) {
        uint64_t begin = now();
        for (int index = 0; index < GROUP; index++)
            call();
        means[group] = (double)(now() - begin) / GROUP;
    }
    return median(means, groups);
}

void measure_round_trip(struct placement placement, const char *kind, const char *path, int count) {
    if (!path) {
        pid_t peer = start_peer(placement.peer);
        printf("%.1f\n", per_call(ping_pong, count));
        kill(peer, SIGKILL);
        waitpid(peer, NULL, 0);
        return;
    }
    watcher = open_device(path, O_RDWR | O_NONBLOCK);
    // The watcher is outdated now, so that a read has an answer and never blocks.
    trigger(watcher);
    read_once();
    if (read(watcher, &generation, sizeof generation) != sizeof generation)
        fail("read");
    if (strcmp(kind, "read") == 0)
        printf("%.1f\n", per_call(read_once, count));
    else if (strcmp(kind, "write") == 0)
        printf("%.1f\n", per_call(acknowledge, count));
    else if (strcmp(kind, "trigger") == 0)
        printf("%.1f\n", per_call(make_change, count));
    else {
        errno = EINVAL;
        fail(kind);
    }
}
