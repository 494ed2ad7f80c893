// Runs a program with the priority that the unit gives to the daemon. See sched(7).

#define _GNU_SOURCE
#include <sched.h>
#include <unistd.h>

#include "client.h"

// `arguments` begin with the program.
int command_real_time(char **arguments) {
    struct sched_param parameters = {.sched_priority = 1};
    if (sched_setscheduler(0, SCHED_FIFO, &parameters) != 0)
        return failed("sched_setscheduler");
    execvp(arguments[0], arguments);
    return failed(arguments[0]);
}
