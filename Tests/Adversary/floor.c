// What this machine does in the moment, whatever the device does: two processes hand a byte to and fro, in rounds with a
// pause between them. The watchdog is measured against that, and not against a clock alone.

#define _GNU_SOURCE
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

void run_floor(void) {
    int there[2], back[2];
    if (pipe(there) || pipe(back)) _exit(1);
    pid_t partner = fork();
    if (partner == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        echo(there[0], back[1]);
    }
    for (char byte = 0;;) {
        // That it is woken late after a pause counts, too.
        int64_t begun = now() + PAUSE_MICROSECONDS * INT64_C(1000);
        atomic_store(&shared->floor.begun, begun);
        usleep(PAUSE_MICROSECONDS);
        for (int turn = 0; turn < TURNS; turn++)
            if (write(there[1], &byte, 1) != 1 || read(back[0], &byte, 1) != 1) _exit(1);
        raise_worst(now() - begun);
        atomic_fetch_add(&shared->floor.rounds, 1);
    }
}

void floor_begin(void) {
    atomic_store(&shared->floor.worst, 0);
}

// The worst since then, the round that has not ended included.
int64_t floor_worst(void) {
    int64_t worst = atomic_load(&shared->floor.worst), open = now() - atomic_load(&shared->floor.begun);
    return open > worst ? open : worst;
}

bool is_too_long(int64_t nanoseconds, int64_t floor) {
    return nanoseconds > MILLISECONDS_ALLOWED * INT64_C(1000000) && nanoseconds > FLOORS_ALLOWED * floor;
}
