// One change that wakes many, until the last of them runs.
//
// The floor is one thread that wakes the same threads, each blocked on a pipe of its own. That thread is asked by
// one byte in a pipe, as the daemon is asked by an ioctl, so that both begin with being woken themselves.
//
// Where the path is a directory of devices, the change is that of the system's, and the sleepers have containers'.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "measure.h"

enum { SLEEPERS_IN_CONTAINER = 4 };

static const char *device;
static int has_containers, uses_epoll, sleepers, asked, finished[2];
static int *write_ends;
// Where a sleeper that starts finds its pipe, and the last descriptor that sleepers share with all others. Each has
// a table of its own: one for all would be larger than a process may have.
static int read_end;
static sem_t begun;
static atomic_int settled, woken;
static _Atomic uint64_t last_woken_at;
// Those that were woken wait here, so that what they do next is not measured.
static sem_t gate;

static void acknowledge(int fd) {
    uint32_t generation;
    if (read(fd, &generation, sizeof generation) != sizeof generation)
        fail("read");
    if (write(fd, &generation, sizeof generation) != sizeof generation)
        fail("write");
}

static void sleep_until_woken(int fd, int epoll) {
    uint32_t word;
    struct epoll_event event;
    if (uses_epoll ? epoll_wait(epoll, &event, 1, -1) != 1 : read(fd, &word, device ? sizeof word : 1) <= 0)
        fail("sleep");
}

// Opens what a sleeper has open, or with -1 what is triggered.
static int open_for(int sleeper) {
    char path[4096];
    if (!has_containers)
        return open_device(device, O_RDWR);
    if (sleeper < 0)
        snprintf(path, sizeof path, "%s/sysgenid", device);
    else
        container_device(device, sleeper / SLEEPERS_IN_CONTAINER, path, sizeof path);
    return open_device(path, O_RDWR);
}

static void *sleeper(void *number) {
    if (close_range((unsigned)read_end + 1, ~0u, CLOSE_RANGE_UNSHARE) != 0)
        fail("close_range");
    sem_post(&begun);
    int fd = device ? open_for((int)(intptr_t)number) : read_end;
    int epoll = uses_epoll ? epoll_create1(EPOLL_CLOEXEC) : -1;
    struct epoll_event event = {.events = EPOLLIN};
    if (uses_epoll && epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0)
        fail("epoll_ctl");
    for (;;) {
        atomic_fetch_add(&settled, 1);
        sleep_until_woken(fd, epoll);
        if (atomic_fetch_add(&woken, 1) + 1 == sleepers) {
            atomic_store(&last_woken_at, now());
            if (write(finished[1], "", 1) != 1)
                fail("pipe");
        }
        while (sem_wait(&gate) != 0)
            ;
        char byte;
        if (device)
            acknowledge(fd);
        else if (uses_epoll && read(fd, &byte, 1) != 1)
            fail("pipe");
    }
}

static void *waker(void *processor) {
    pin(*(int *)processor);
    char byte;
    while (read(asked, &byte, 1) == 1)
        for (int index = 0; index < sleepers; index++)
            if (write(write_ends[index], &byte, 1) != 1)
                fail("pipe");
    return NULL;
}

static void start(void *(*body)(void *), void *argument) {
    pthread_attr_t attributes;
    pthread_t thread;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 65536);
    if ((errno = pthread_create(&thread, &attributes, body, argument)) != 0)
        fail("pthread_create");
}

static double processor_time(void) {
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

// Waits until all sleep: none has anything to do, and the daemon has taken their requests, in their order.
static void settle(int own) {
    int pause = sleepers <= 100 ? 3000 : 20000;
    while (atomic_load(&settled) < sleepers)
        usleep(pause);
    for (double before = -1; processor_time() - before > pause / 1e6 / 20;) {
        before = processor_time();
        usleep(pause);
    }
    if (device)
        acknowledge(own);
}

static void start_sleepers(void) {
    write_ends = allocate((unsigned)sleepers, sizeof *write_ends);
    if (sem_init(&begun, 0, 0) != 0 || (read_end = open("/dev/null", O_RDONLY)) < 0)
        fail("/dev/null");
    for (int index = 0; index < sleepers; index++) {
        int ends[2] = {-1, -1};
        if (!device && (pipe(ends) != 0 || dup2(ends[0], read_end) < 0 || close(ends[0]) != 0))
            fail("pipe");
        write_ends[index] = ends[1];
        start(sleeper, (void *)(intptr_t)index);
        while (sem_wait(&begun) != 0)
            ;
    }
}

void measure_wake(struct placement placement, const char *kind, const char *path, int count_of_sleepers, int count) {
    device = path;
    sleepers = count_of_sleepers;
    uses_epoll = strcmp(kind, "epoll") == 0;
    raise_file_limit();
    int ask[2];
    if (pipe(finished) != 0 || pipe(ask) != 0 || sem_init(&gate, 0, 0) != 0)
        fail("pipe");
    asked = ask[0];
    struct stat status;
    has_containers = path && stat(path, &status) == 0 && S_ISDIR(status.st_mode);
    if (has_containers)
        make_containers(path, (sleepers + SLEEPERS_IN_CONTAINER - 1) / SLEEPERS_IN_CONTAINER);
    int own = path ? open_for(-1) : -1;
    // Outdated, so that its round trips never block; before the others open theirs, which must not be.
    if (path)
        trigger(own);
    start_sleepers();
    if (!path)
        start(waker, &placement.peer);
    double *times = allocate(count, sizeof *times);
    for (int index = -1; index < count; index++) {
        settle(own);
        atomic_store(&settled, 0);
        atomic_store(&woken, 0);
        char byte = 0;
        uint64_t begin = now();
        if (path)
            trigger(own);
        else if (write(ask[1], &byte, 1) != 1)
            fail("pipe");
        if (read(finished[0], &byte, 1) != 1)
            fail("pipe");
        // The first one only warms up.
        if (index >= 0)
            times[index] = (double)(atomic_load(&last_woken_at) - begin);
        for (int sleeper = 0; sleeper < sleepers; sleeper++)
            sem_post(&gate);
    }
    printf("%.0f\n", median(times, count));
}
