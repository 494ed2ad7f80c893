// What a process uses, and what it is given to hold.

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "measure.h"

_Noreturn void run(int priority, char **command) {
    if (priority > 0) {
        struct rlimit limit = {.rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY};
        // Not in a container that may not; the floor's memory stays unlocked then, too.
        if (setrlimit(RLIMIT_MEMLOCK, &limit) != 0 && errno != EPERM)
            fail("RLIMIT_MEMLOCK");
        run_first(priority);
    }
    // A runner that is killed leaves no daemon behind.
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    execv(command[0], command);
    fail(command[0]);
}

static double processor_time(clockid_t clock) {
    struct timespec time;
    if (clock_gettime(clock, &time) != 0)
        fail("clock_gettime");
    return time.tv_sec + time.tv_nsec / 1e9;
}

void measure_processor_time(int process, int seconds) {
    clockid_t clock;
    if ((errno = clock_getcpuclockid(process, &clock)) != 0)
        fail("clock_getcpuclockid");
    double used = processor_time(clock);
    uint64_t begin = now();
    sleep((unsigned)seconds);
    printf("%.4f\n", (processor_time(clock) - used) * 1e9 / (double)(now() - begin) * 100);
}

static void *block(void *argument) {
    int fd = *(int *)argument;
    uint32_t generation;
    if (read(fd, &generation, sizeof generation) < 0)
        fail("read");
    return NULL;
}

// Waits until no thread has had anything to do for a while: then all of them block.
static void wait_until_blocked(void) {
    for (double before = -1, used; (used = processor_time(CLOCK_PROCESS_CPUTIME_ID)) - before > 0.002;) {
        before = used;
        usleep(500000);
    }
}

void hold(const char *kind, const char *path, int count) {
    raise_file_limit();
    int *descriptors = allocate((unsigned long)count, sizeof *descriptors);
    int has_containers = strcmp(kind, "containers") == 0;
    if (has_containers)
        make_containers(path, count);
    for (int index = 0; index < count && !has_containers; index++)
        descriptors[index] = open_device(path, O_RDONLY);
    if (strcmp(kind, "blocked") == 0) {
        pthread_attr_t attributes;
        pthread_attr_init(&attributes);
        pthread_attr_setstacksize(&attributes, 65536);
        for (int index = 0; index < count; index++) {
            pthread_t thread;
            if ((errno = pthread_create(&thread, &attributes, block, &descriptors[index])) != 0)
                fail("pthread_create");
        }
        wait_until_blocked();
        // The daemon takes requests in their order: when it answers this one it has taken all of theirs.
        close(open_device(path, O_RDONLY));
    }
    printf("ready\n");
    fflush(stdout);
    while (getchar() != EOF)
        ;
    exit(0);
}
