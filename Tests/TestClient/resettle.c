// Clients of all kinds that lose the device once, and open it again. See "What clients see" in docs/architecture.md.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client.h"
#include "linux/sysgenid.h"

enum kind { READER, POLLER, MAPPER, OVERSEER, KINDS };

struct client {
    enum kind kind;
    atomic_uint known;
    atomic_int losses;
};

static const char *device;
static struct client *clients;
static atomic_int ready, failures;

static void complain(struct client *client, const char *what, long detail) {
    static const char *const names[] = {"reader", "poller", "mapper", "overseer"};
    atomic_fetch_add(&failures, 1);
    printf("%s: %s (%ld, errno %s)\n", names[client->kind], what, detail, strerrorname_np(errno));
    fflush(stdout);
}

// What it is told of, or finds when it opens the device again.
static void learn(struct client *client, uint32_t generation) {
    if (generation < atomic_load(&client->known))
        complain(client, "a lower generation", generation);
    atomic_store(&client->known, generation);
}

// Opens the device, as soon as there is one, and looks what its page shows: a new watcher is up to date, whatever has
// happened meanwhile.
static int settle(struct client *client) {
    int flags = client->kind == MAPPER ? O_RDONLY : client->kind == READER ? O_RDWR : O_RDWR | O_NONBLOCK;
    int fd;
    while ((fd = open(device, flags)) < 0) {
        if (errno != ENOTCONN && errno != ECONNABORTED && errno != ENOENT)
            complain(client, "open", flags);
        usleep(5000);
    }
    // It may be the empty file over which the device is about to be mounted: a mapping of that ends whoever looks at it.
    struct stat status;
    const volatile uint32_t *page = MAP_FAILED;
    if (fstat(fd, &status) == 0 && status.st_size > 0)
        page = mmap(NULL, sizeof *page, PROT_READ, MAP_SHARED, fd, 0);
    if (page == MAP_FAILED) {
        close(fd);
        usleep(5000);
        return settle(client);
    }
    learn(client, *page);
    munmap((void *)page, sizeof *page);
    return fd;
}

static void *map(struct client *client, int fd) {
    const volatile uint32_t *page = mmap(NULL, sizeof *page, PROT_READ, MAP_SHARED, fd, 0);
    if (page == MAP_FAILED)
        complain(client, "mmap", 0);
    close(fd);
    for (atomic_fetch_add(&ready, 1);; usleep(2000))
        learn(client, *page);
}

// Waits in the way of its kind until there is something to read; returns 0 where the device is lost.
static int wait_in_call(struct client *client, int fd) {
    struct pollfd entry = {.fd = fd, .events = POLLIN};
    switch (client->kind) {
    case POLLER: return poll(&entry, 1, -1) == 1 && entry.revents == POLLIN;
    case OVERSEER:
        usleep(10000);
        return ioctl(fd, SYSGENID_WAIT_WATCHERS, 0) == 0 || errno == EINTR;
    default: return 1;
    }
}

static void *live(void *argument) {
    struct client *client = argument;
    int fd = settle(client);
    if (client->kind == MAPPER)
        return map(client, fd);
    for (atomic_fetch_add(&ready, 1);;) {
        uint32_t generation;
        errno = 0;
        if (wait_in_call(client, fd)) {
            ssize_t got = read(fd, &generation, sizeof generation);
            if (got == sizeof generation) {
                learn(client, generation);
                // It may have changed again meanwhile.
                if (write(fd, &generation, sizeof generation) == sizeof generation || errno == EINVAL)
                    continue;
            } else if (errno == EAGAIN)
                continue;
        }
        // A poll tells by POLLERR.
        if (errno != 0 && errno != ECONNABORTED && errno != ENOTCONN)
            complain(client, "the device is lost by another error", client->losses);
        atomic_fetch_add(&client->losses, 1);
        close(fd);
        fd = settle(client);
    }
}

static int knowing(int count, uint32_t generation) {
    int knowing = 0;
    for (int index = 0; index < count; index++)
        knowing += atomic_load(&clients[index].known) == generation;
    return knowing;
}

// Starts clients; each line is a generation that all of them shall come to know, and is answered with how many do, how
// often they have lost the device, and what they complain of.
int command_resettle(const char *path, int count) {
    device = path;
    clients = calloc(count, sizeof *clients);
    for (int index = 0; index < count; index++) {
        pthread_t thread;
        clients[index].kind = index % 10 < 4 ? READER : index % 10 < 7 ? POLLER : index % 10 < 9 ? MAPPER : OVERSEER;
        if ((errno = pthread_create(&thread, NULL, live, &clients[index])) != 0)
            return failed("pthread_create");
    }
    while (atomic_load(&ready) < count)
        usleep(10000);
    say("ready");
    char line[16];
    while (fgets(line, sizeof line, stdin)) {
        uint32_t generation = strtoul(line, NULL, 10);
        for (int rounds = 0; rounds < 6000 && knowing(count, generation) < count; rounds++)
            usleep(10000);
        int losers = 0, losses = 0;
        for (int index = 0; index < count; index++) {
            losers += atomic_load(&clients[index].losses) > 0;
            losses += atomic_load(&clients[index].losses);
        }
        printf(
            "%d know %u, %d have lost the device %d times, %d failures\n", knowing(count, generation), generation, losers,
            losses, atomic_load(&failures));
        fflush(stdout);
    }
    return 0;
}
