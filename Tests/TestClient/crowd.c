// Many clients at once.

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <signal.h>
#include <unistd.h>

#include "client.h"

// What one of them has seen, written by it alone.
struct sight {
    volatile int is_waiting;
    volatile int count;
    volatile uint32_t generation;
};

// Blocks in read, again and again, acknowledging what it gets.
static void stand(const char *path, struct sight *sight) {
    int fd = open_device(path, O_RDWR);
    sight->is_waiting = 1;
    uint32_t generation;
    for (;;) {
        ssize_t got = read(fd, &generation, sizeof generation);
        if (got < 0 && errno == EINTR)
            continue;
        if (got != sizeof generation || write(fd, &generation, sizeof generation) != sizeof generation)
            _exit(failed("read or write"));
        sight->generation = generation;
        sight->count++;
    }
}

static int waiting(const struct sight *sights, int count) {
    int waiting = 0;
    for (int index = 0; index < count; index++)
        waiting += sights[index].is_waiting;
    return waiting;
}

// Starts clients that block in read, each a process of its own, and says how many have been told of the latest
// generation, and of no other, whenever any of them has been told of something.
int command_crowd(const char *path, int count) {
    struct sight *sights = mmap(
        NULL, count * sizeof *sights, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (sights == MAP_FAILED)
        return failed("mmap");
    for (int index = 0; index < count; index++) {
        pid_t child = fork();
        if (child < 0)
            return failed("fork");
        if (child == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            stand(path, &sights[index]);
        }
    }
    while (waiting(sights, count) < count)
        usleep(10000);
    say("ready");
    for (int told = 0;; usleep(50000)) {
        int total = 0, once = 0;
        uint32_t latest = 0;
        for (int index = 0; index < count; index++) {
            total += sights[index].count;
            if (sights[index].generation > latest)
                latest = sights[index].generation;
        }
        if (total == told)
            continue;
        for (int index = 0; index < count; index++)
            once += sights[index].count == 1 && sights[index].generation == latest;
        printf("%d of %d got %u once\n", once, count, latest);
        fflush(stdout);
        told = total;
    }
}
