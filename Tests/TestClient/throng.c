// Many threads that use the device at the same time.

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "client.h"
#include "linux/sysgenid.h"

enum { CLIENTS = 100, ROUNDS_LEAST = 20000 };

static const char *device;
static atomic_int waiting, woken, failures;
static atomic_uint latest;
static atomic_ulong rounds;
static atomic_int is_over;

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

static void start(void *(*body)(void *), int count) {
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 65536);
    for (int index = 0; index < count; index++) {
        pthread_t thread;
        if ((errno = pthread_create(&thread, &attributes, body, NULL)) != 0)
            exit(failed("pthread_create"));
        pthread_detach(thread);
    }
}

static void *stand(void *unused) {
    (void)unused;
    int fd = open_device(device, O_RDONLY);
    uint32_t generation;
    atomic_fetch_add(&waiting, 1);
    if (read(fd, &generation, sizeof generation) != sizeof generation)
        exit(failed("read"));
    atomic_store(&latest, generation);
    atomic_fetch_add(&woken, 1);
    return NULL;
}

// Starts threads that block in read, each with an open file of its own, makes a change, and says how many were
// woken, of what, and how long after the change the last of them ran.
int command_throng(const char *path, int count) {
    device = path;
    start(stand, count);
    while (atomic_load(&waiting) < count)
        usleep(10000);
    // They say so just before the call that blocks.
    sleep(1);
    say("ready");
    getchar();
    double begin = now();
    int overseer = open_device(path, O_RDONLY);
    if (ioctl(overseer, SYSGENID_TRIGGER_GEN_UPDATE, 0) != 0)
        return failed("TRIGGER_GEN_UPDATE");
    int reached;
    do
        reached = atomic_load(&woken);
    while (reached < count && !has_stopped(reached, 2000));
    printf("%d woken by %u in %.1f ms\n", atomic_load(&woken), atomic_load(&latest), (now() - begin) * 1e3);
    fflush(stdout);
    // Whoever started this looks at the daemon while all are still open.
    getchar();
    return atomic_load(&woken) == count ? 0 : 1;
}

static void *come_and_go(void *unused) {
    (void)unused;
    uint32_t last = 0;
    while (!atomic_load(&is_over)) {
        uint32_t generation;
        int fd = open(device, O_RDWR);
        if (fd < 0 || read(fd, &generation, sizeof generation) != sizeof generation || generation <= last) {
            failed("open or read");
            atomic_fetch_add(&failures, 1);
            return NULL;
        }
        last = generation;
        // It may have changed once more meanwhile.
        if (write(fd, &generation, sizeof generation) != sizeof generation && errno != EINVAL)
            atomic_fetch_add(&failures, 1);
        close(fd);
        atomic_fetch_add(&rounds, 1);
    }
    return NULL;
}

// Threads open, read, acknowledge and close for so many seconds, and at least ROUNDS_LEAST times, while there are a hundred
// changes a second. Says how often, and how often something failed.
int command_churn(const char *path, int seconds) {
    device = path;
    start(come_and_go, CLIENTS);
    int overseer = open_device(path, O_RDONLY);
    say("ready");
    double end = now() + seconds;
    for (; (now() < end || atomic_load(&rounds) < ROUNDS_LEAST) && atomic_load(&failures) < CLIENTS; usleep(10000))
        if (ioctl(overseer, SYSGENID_TRIGGER_GEN_UPDATE, 0) != 0)
            return failed("TRIGGER_GEN_UPDATE");
    atomic_store(&is_over, 1);
    printf("%lu rounds, %d failures\n", atomic_load(&rounds), atomic_load(&failures));
    fflush(stdout);
    return atomic_load(&failures) == 0 ? 0 : 1;
}
