// What this machine does in the moment, whatever the device does: two processes hand a byte to and fro, in rounds with a
// pause between them. The watchdog is measured against that, and not against a clock alone. There is such a pair on each
// processor, since one of them alone can stand still: a hypervisor takes it away, or the kernel does not let go of it.

#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "adversary.h"

// As many as the watchdog asks the daemon in a round.
enum { TURNS = 10, PAUSE_MICROSECONDS = 10000 };

static void echo(int from, int to) {
    char byte;
    while (read(from, &byte, 1) == 1 && write(to, &byte, 1) == 1) {}
    _exit(0);
}

static void raise_worst(int64_t took) {
    long long worst = atomic_load(&shared->floor.worst);
    while (took > worst && !atomic_compare_exchange_weak(&shared->floor.worst, &worst, took)) {}
}

static void run_pair(int number, int processor) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(processor, &set);
    int there[2], back[2];
    if (sched_setaffinity(0, sizeof set, &set) != 0 || pipe(there) || pipe(back)) _exit(1);
    pid_t partner = fork();
    if (partner == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        echo(there[0], back[1]);
    }
    for (char byte = 0;;) {
        // That it is woken late after a pause counts, too.
        int64_t begun = now() + PAUSE_MICROSECONDS * INT64_C(1000);
        atomic_store(&shared->floor.pairs[number].begun, begun);
        usleep(PAUSE_MICROSECONDS);
        for (int turn = 0; turn < TURNS; turn++)
            if (write(there[1], &byte, 1) != 1 || read(back[0], &byte, 1) != 1) _exit(1);
        raise_worst(now() - begun);
        atomic_fetch_add(&shared->floor.pairs[number].rounds, 1);
    }
}

void run_floor(void) {
    cpu_set_t all;
    if (sched_getaffinity(0, sizeof all, &all) != 0) _exit(1);
    int count = CPU_COUNT(&all) < PAIRS_MOST ? CPU_COUNT(&all) : PAIRS_MOST, number = 0;
    atomic_store(&shared->floor.count, count);
    for (int processor = 0; number < count; processor++) {
        if (!CPU_ISSET(processor, &all)) continue;
        if (fork() == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            run_pair(number, processor);
        }
        number++;
    }
    for (;;) pause();
}

unsigned long floor_rounds(void) {
    unsigned long fewest = 0;
    for (int number = 0; number < atomic_load(&shared->floor.count); number++) {
        unsigned long rounds = atomic_load(&shared->floor.pairs[number].rounds);
        if (number == 0 || rounds < fewest) fewest = rounds;
    }
    return fewest;
}

void floor_begin(void) {
    atomic_store(&shared->floor.worst, 0);
}

// The worst since then, the rounds that have not ended included.
int64_t floor_worst(void) {
    int64_t worst = atomic_load(&shared->floor.worst), time = now();
    for (int number = 0; number < atomic_load(&shared->floor.count); number++) {
        int64_t open = time - atomic_load(&shared->floor.pairs[number].begun);
        if (open > worst) worst = open;
    }
    return worst;
}

bool is_too_long(int64_t nanoseconds, int64_t floor) {
    return nanoseconds > MILLISECONDS_ALLOWED * INT64_C(1000000) && nanoseconds > FLOORS_ALLOWED * floor;
}
