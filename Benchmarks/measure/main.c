// Measures one figure, once. The runner calls this again and again, the floor and each daemon in turn.
//
// It knows POSIX and the uapi header, nothing else.

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "measure.h"

enum { TIME_LIMIT = 120 };

static const char usage[] =
    "usage: measure CLIENT PEER FIGURE ...     CLIENT and PEER are processors\n"
    "  load|mark|change PATH COUNT     PATH is a device, or - for the floor; with containers their directory\n"
    "  round-trip ping-pong|read|write|trigger PATH COUNT\n"
    "  wake read|epoll PATH SLEEPERS COUNT | publish PATH CONTAINERS COUNT\n"
    "  window CLOCK PATH PERCENTILE quiet|busy COUNT     CLOCK is a played /dev/vmclock0, PATH may be reseed\n"
    "  trigger PATH\n"
    "  store THREAD PATH COUNTS     COUNTS is the file of the allocation counter\n"
    "  steps THREAD PATH\n"
    "  start PROGRAM [ARGUMENT ...] | run PRIORITY PROGRAM [ARGUMENT ...]     PRIORITY 0 is an ordinary one\n"
    "  processor-time PROCESS SECONDS | hold open|blocked|containers PATH COUNT\n";

static const char *device(const char *argument) {
    return strcmp(argument, "-") == 0 ? NULL : argument;
}

int main(int argc, char **argv) {
    if (argc < 5) {
        fputs(usage, stderr);
        return 2;
    }
    struct placement placement = {.client = atoi(argv[1]), .peer = atoi(argv[2])};
    const char *figure = argv[3];
    char **rest = argv + 4;
    int count = argc - 4;
    pin(placement.client);
    // Whatever takes longer hangs. It does not count for a program that this becomes.
    if (strcmp(figure, "run") != 0 && strcmp(figure, "hold") != 0)
        alarm(TIME_LIMIT);
    if (strcmp(figure, "load") == 0 && count == 2)
        measure_load(device(rest[0]), strtoul(rest[1], NULL, 10));
    else if (strcmp(figure, "mark") == 0 && count == 2)
        measure_mark(device(rest[0]), strtoul(rest[1], NULL, 10));
    else if (strcmp(figure, "change") == 0 && count == 2)
        measure_change(placement, device(rest[0]), atoi(rest[1]));
    else if (strcmp(figure, "round-trip") == 0 && count == 3)
        measure_round_trip(placement, rest[0], device(rest[1]), atoi(rest[2]));
    else if (strcmp(figure, "wake") == 0 && count == 4)
        measure_wake(placement, rest[0], device(rest[1]), atoi(rest[2]), atoi(rest[3]));
    else if (strcmp(figure, "publish") == 0 && count == 3)
        measure_publish(placement, device(rest[0]), atoi(rest[1]), atoi(rest[2]));
    else if (strcmp(figure, "window") == 0 && count == 5)
        measure_window(
            placement, rest[0], device(rest[1]), atoi(rest[2]), strcmp(rest[3], "busy") == 0, atoi(rest[4]));
    else if (strcmp(figure, "trigger") == 0)
        trigger(open_device(rest[0], O_RDONLY));
    else if (strcmp(figure, "store") == 0 && count == 3)
        measure_store(atoi(rest[0]), rest[1], rest[2]);
    else if (strcmp(figure, "steps") == 0 && count == 2)
        measure_steps(atoi(rest[0]), rest[1]);
    else if (strcmp(figure, "start") == 0)
        measure_start(rest);
    else if (strcmp(figure, "run") == 0 && count >= 2)
        run(atoi(rest[0]), rest + 1);
    else if (strcmp(figure, "processor-time") == 0 && count == 2)
        measure_processor_time(atoi(rest[0]), atoi(rest[1]));
    else if (strcmp(figure, "hold") == 0 && count == 3)
        hold(rest[0], rest[1], atoi(rest[2]));
    else {
        fputs(usage, stderr);
        return 2;
    }
    return 0;
}
