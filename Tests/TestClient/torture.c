// Clients of all kinds at once, who look closely at what they are told while daemons come and go.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
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
#include "torture.h"

enum kind { READER, POLLER, EDGE_POLLER, TRACKED, MAPPER, OVERSEER, CHURNER, KINDS };
static const char *const names[] = {"readers", "pollers", "edge pollers", "tracked", "mappers", "overseers", "churners"};

struct client {
    enum kind kind;
    /// The generation that it was told last, and for those that are tracked the one that they acknowledge or did.
    atomic_uint seen, acknowledging;
    atomic_ulong calls;
};

static const char *device;
static struct client *clients;
static int client_count;
static atomic_int ready;
atomic_int failures;
atomic_uint asked;
static atomic_ulong waits[3];

static void complain(const struct client *client, const char *what, long detail) {
    if (atomic_fetch_add(&failures, 1) < 20) {
        printf("%s: %s (%ld, errno %s)\n", names[client->kind], what, detail, strerrorname_np(errno));
        fflush(stdout);
    }
}

static int64_t milliseconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000LL + time.tv_nsec / 1000000;
}

static void take(struct client *client, uint32_t generation) {
    uint32_t before = atomic_load(&client->seen);
    if (generation <= before)
        complain(client, "a generation that is not new", generation);
    if (generation > atomic_load(&asked))
        complain(client, "a generation that nobody has made", generation);
    atomic_store(&client->seen, generation);
    atomic_fetch_add(&client->calls, 1);
}

// Reads and acknowledges what is there; returns 0 where nothing is.
static int catch_up(struct client *client, int fd) {
    uint32_t generation;
    ssize_t got = read(fd, &generation, sizeof generation);
    if (got < 0 && errno == EAGAIN)
        return 0;
    if (got != sizeof generation) {
        complain(client, "read", got);
        return 0;
    }
    take(client, generation);
    atomic_store(&client->acknowledging, generation);
    // It may have changed again meanwhile.
    if (write(fd, &generation, sizeof generation) != sizeof generation && errno != EINVAL)
        complain(client, "write", generation);
    return 1;
}

static int open_quietly(struct client *client, int flags) {
    int fd = open(device, flags);
    if (fd < 0)
        complain(client, "open", flags);
    return fd;
}

static void poll_edges(struct client *client, int fd) {
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN | EPOLLET};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0)
        complain(client, "epoll_ctl", 0);
    atomic_fetch_add(&ready, 1);
    for (;;) {
        if (epoll_wait(epoll, &event, 1, -1) != 1 || event.events != EPOLLIN)
            complain(client, "epoll_wait", event.events);
        while (catch_up(client, fd))
            ;
    }
}

static void poll_again(struct client *client, int fd) {
    atomic_fetch_add(&ready, 1);
    for (;;) {
        struct pollfd entry = {.fd = fd, .events = POLLIN};
        if (poll(&entry, 1, -1) != 1 || entry.revents != POLLIN)
            complain(client, "poll", entry.revents);
        catch_up(client, fd);
    }
}

static void follow(struct client *client, int fd) {
    const volatile uint32_t *page = mmap(NULL, sizeof *page, PROT_READ, MAP_SHARED, fd, 0);
    if (page == MAP_FAILED) {
        complain(client, "mmap", 0);
        return;
    }
    close(fd);
    for (int is_first = 1;; usleep(2000)) {
        uint32_t generation = *page;
        if (generation < atomic_load(&client->seen))
            complain(client, "the page goes back", generation);
        if (generation > atomic_load(&asked))
            complain(client, "the page shows what nobody has made", generation);
        atomic_store(&client->seen, generation);
        atomic_fetch_add(&client->calls, 1);
        if (is_first)
            atomic_fetch_add(&ready, 1);
        is_first = 0;
    }
}

// That a wait is over means that everybody tracked has acknowledged what the overseer has.
static void judge_end(struct client *client, uint32_t own) {
    for (int index = 0; index < client_count; index++)
        if (clients[index].kind == TRACKED && atomic_load(&clients[index].acknowledging) < own)
            complain(client, "the wait ended, and somebody is outdated", own);
}

static void oversee(struct client *client, int fd, unsigned int seed) {
    atomic_fetch_add(&ready, 1);
    for (;; usleep(rand_r(&seed) % 20000)) {
        uint32_t own = atomic_load(&client->seen);
        int timeout = rand_r(&seed) % 4 == 0 ? 0 : 100 + rand_r(&seed) % 900;
        int64_t begun = milliseconds();
        if (ioctl(fd, SYSGENID_WAIT_WATCHERS, timeout) == 0) {
            atomic_fetch_add(&waits[0], 1);
            judge_end(client, own);
        } else if (errno == EINTR) {
            atomic_fetch_add(&waits[1], 1);
            if (!catch_up(client, fd))
                complain(client, "a wait ended with EINTR, and nothing has changed", own);
        } else if (errno == ETIME && timeout != 0) {
            atomic_fetch_add(&waits[2], 1);
            if (milliseconds() - begun < timeout)
                complain(client, "the time of a wait ended early", timeout);
        } else
            complain(client, "wait", timeout);
    }
}

static void come_and_go(struct client *client, unsigned int seed) {
    atomic_fetch_add(&ready, 1);
    for (;; usleep(rand_r(&seed) % 40000)) {
        uint32_t generation;
        int fd = open_quietly(client, O_RDONLY | O_NONBLOCK);
        if (fd < 0)
            return;
        const volatile uint32_t *page = mmap(NULL, sizeof *page, PROT_READ, MAP_SHARED, fd, 0);
        if (page == MAP_FAILED)
            complain(client, "mmap", 0);
        else {
            generation = *page;
            if (generation < atomic_load(&client->seen))
                complain(client, "the page goes back", generation);
            atomic_store(&client->seen, generation);
            munmap((void *)page, sizeof *page);
        }
        if (read(fd, &generation, sizeof generation) < 0 && errno != EAGAIN)
            complain(client, "read", 0);
        close(fd);
        atomic_fetch_add(&client->calls, 1);
    }
}

static void *live(void *argument) {
    struct client *client = argument;
    unsigned int seed = client - clients;
    if (client->kind == CHURNER) {
        come_and_go(client, seed);
        return NULL;
    }
    int is_blocking = client->kind == READER || client->kind == TRACKED;
    int flags = client->kind == MAPPER ? O_RDONLY : is_blocking ? O_RDWR : O_RDWR | O_NONBLOCK;
    int fd = open_quietly(client, flags);
    if (fd < 0)
        return NULL;
    if (client->kind == TRACKED && ioctl(fd, SYSGENID_SET_WATCHER_TRACKING, 1) != 0)
        complain(client, "SET_WATCHER_TRACKING", 0);
    switch (client->kind) {
    case POLLER: poll_again(client, fd); break;
    case EDGE_POLLER: poll_edges(client, fd); break;
    case MAPPER: follow(client, fd); break;
    case OVERSEER: oversee(client, fd, seed); break;
    default:
        atomic_fetch_add(&ready, 1);
        while (catch_up(client, fd))
            ;
    }
    return NULL;
}

// Half of them read and poll; a few come and go.
static enum kind kind_of(int index) {
    static const enum kind kinds[] = {READER, EDGE_POLLER, TRACKED, MAPPER, READER, POLLER, TRACKED, OVERSEER, MAPPER, READER};
    return index % 50 == 7 ? CHURNER : kinds[index % 10];
}

static void start(int index) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 65536);
    pthread_t thread;
    if ((errno = pthread_create(&thread, &attributes, live, &clients[index])) != 0)
        exit(failed("pthread_create"));
    pthread_detach(thread);
}

void start_clients(const char *path, int count) {
    device = path;
    client_count = count;
    clients = calloc(count, sizeof *clients);
    struct rlimit limit = {.rlim_cur = 65536, .rlim_max = 65536};
    setrlimit(RLIMIT_NOFILE, &limit);
    // Before any of them lives, since overseers look at the others.
    for (int index = 0; index < count; index++)
        clients[index].kind = kind_of(index);
    for (int index = 0; index < count; index++)
        start(index);
    while (atomic_load(&ready) < count && atomic_load(&failures) == 0)
        usleep(10000);
}

static int told(uint32_t generation) {
    int told = 0;
    for (int index = 0; index < client_count; index++)
        told += atomic_load(&clients[index].seen) == generation;
    return told;
}

int wait_until_told(void) {
    uint32_t final = atomic_load(&asked);
    // However long it takes, as long as somebody is told.
    int reached;
    do
        reached = told(final);
    while (reached < client_count && !has_stopped(reached, 10000));
    return told(final);
}

int report_clients(void) {
    int reached = told(atomic_load(&asked));
    unsigned long calls[KINDS] = {0};
    for (int index = 0; index < client_count; index++)
        calls[clients[index].kind] += atomic_load(&clients[index].calls);
    printf("%d clients, %d told of generation %u, %d failures\n", client_count, reached, atomic_load(&asked), atomic_load(&failures));
    for (int kind = 0; kind < KINDS; kind++)
        printf("%s: %lu\n", names[kind], calls[kind]);
    printf("waits: %lu done, %lu outdated, %lu timed out\n", waits[0], waits[1], waits[2]);
    fflush(stdout);
    return atomic_load(&failures) == 0 && reached == client_count ? 0 : 1;
}
