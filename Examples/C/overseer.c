// An overseer: brings its services to rest, says that the system was cloned, waits until every tracked program has
// readjusted, and lets the services go on. Where one is too late, they stay at rest. It takes CAP_SYS_ADMIN, as root has.
//
//     cc $(pkg-config --cflags sysgenid) -o overseer overseer.c
//     ./overseer [DEVICE [DEADLINE-MS]]

#include <sysgenid.h>

#include <stdlib.h>
#include <time.h>

static long long now_ms(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000LL + time.tv_nsec / 1000000;
}

// Here a real one stops to take requests, and takes or resumes the snapshot.
static void quiesce(void) {
    puts("quiesced");
}

static void resume(void) {
    puts("resumed");
}

// Waits until the end; a change that comes meanwhile begins the wait anew.
static int wait_until(const char *device, long long end) {
    for (;;) {
        long long left = end - now_ms();
        // 0 would be for ever.
        if (sysgenid_wait_watchers(device, left > 0 ? (unsigned)left : 1) == 0)
            return 0;
        if (errno != EINTR)
            return -1;
        if (left <= 0) {
            errno = ETIME;
            return -1;
        }
    }
}

int main(int argc, char **argv) {
    const char *device = argc > 1 ? argv[1] : NULL;
    int deadline_ms = argc > 2 ? atoi(argv[2]) : 10000;
    quiesce();
    uint32_t generation;
    if (sysgenid_trigger(device, 0, &generation) != 0) {
        perror("the generation could not be changed");
        return EXIT_FAILURE;
    }
    printf("generation %u\n", generation);
    fflush(stdout);
    if (wait_until(device, now_ms() + deadline_ms) != 0) {
        puts(errno == ETIME ? "not everybody has readjusted in time" : strerror(errno));
        return errno == ETIME ? 3 : EXIT_FAILURE;
    }
    resume();
    return EXIT_SUCCESS;
}
