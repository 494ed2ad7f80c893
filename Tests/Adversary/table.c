// The table of all system calls, and the loop that makes them.

#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "adversary.h"

struct call calls[CALLS_MOST];
int call_count;

void gather_calls(const char *only) {
    const struct call *parts[] = {file_calls, change_calls, open_calls, memory_calls, event_calls, pipe_calls, queue_calls,
        ring_calls, process_calls};
    for (size_t part = 0; part < sizeof parts / sizeof *parts; part++)
        for (const struct call *call = parts[part]; call->name && call_count < CALLS_MOST; call++)
            if (!only || strstr(call->name, only)) calls[call_count++] = *call;
}

// What a kernel does not have, or does not let this client do. Whatever it answers is right: it is only counted.
static bool is_missing(int error) {
    return error == ENOSYS || error == EPERM || error == EOPNOTSUPP || error == EACCES;
}

void attack(struct attacker *attacker) {
    // Some hurry, and some take their time.
    int pause = (int)any_of(attacker, 0, 1, 500, 3000);
    for (;;) {
        int number = below(attacker, call_count);
        atomic_fetch_add(&shared->calls[number].begun, 1);
        if (attacker->step) atomic_store(attacker->step, number + 1);
        long result = calls[number].make(attacker);
        int error = errno;
        if (attacker->step) atomic_store(attacker->step, 0);
        if (result >= 0) atomic_fetch_add(&shared->calls[number].done, 1);
        else if (is_missing(error)) atomic_fetch_add(&shared->calls[number].missing, 1);
        else atomic_fetch_add(&shared->calls[number].failed, 1);
        if (pause) usleep((useconds_t)below(attacker, pause));
    }
}
