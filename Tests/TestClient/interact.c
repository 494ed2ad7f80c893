// A client that does what it is told, line by line.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "client.h"
#include "linux/sysgenid.h"

// Opens the device without blocking and obeys: `read`, `write N`, `track`, `poll`, `trigger`, `outdated`.
int command_interact(const char *path) {
    int fd = open_device(path, O_RDWR | O_NONBLOCK);
    say("ready");
    char line[64];
    while (fgets(line, sizeof line, stdin)) {
        uint32_t generation;
        unsigned int number = 0;
        if (strcmp(line, "read\n") == 0) {
            ssize_t got = read(fd, &generation, sizeof generation);
            print_answer(got == sizeof generation ? (long)generation : -1);
        } else if (sscanf(line, "write %u", &number) == 1) {
            generation = number;
            print_answer(write(fd, &generation, sizeof generation));
        } else if (strcmp(line, "track\n") == 0)
            print_answer(ioctl(fd, SYSGENID_SET_WATCHER_TRACKING, 1));
        else if (strcmp(line, "trigger\n") == 0)
            print_answer(ioctl(fd, SYSGENID_TRIGGER_GEN_UPDATE, 0));
        else if (strcmp(line, "outdated\n") == 0)
            print_answer(ioctl(fd, SYSGENID_V4_GET_OUTDATED_WATCHERS, 0));
        else if (strcmp(line, "poll\n") == 0) {
            struct pollfd entry = {.fd = fd, .events = POLLIN};
            print_answer(poll(&entry, 1, 0));
        }
    }
    return 0;
}

// Waits for a watcher that never acknowledges, for so many milliseconds, and says how long it took.
int command_expire(const char *path, int milliseconds) {
    int outdated = open_device(path, O_RDONLY);
    if (ioctl(outdated, SYSGENID_SET_WATCHER_TRACKING, 1) != 0 ||
        ioctl(outdated, SYSGENID_TRIGGER_GEN_UPDATE, 0) != 0)
        return failed("SET_WATCHER_TRACKING or TRIGGER_GEN_UPDATE");
    int overseer = open_device(path, O_RDONLY);
    struct timespec begun, now;
    clock_gettime(CLOCK_MONOTONIC, &begun);
    say("ready");
    int result = ioctl(overseer, SYSGENID_WAIT_WATCHERS, milliseconds);
    int error = result < 0 ? errno : 0;
    clock_gettime(CLOCK_MONOTONIC, &now);
    printf("%ld\n", (now.tv_sec - begun.tv_sec) * 1000 + (now.tv_nsec - begun.tv_nsec) / 1000000);
    fflush(stdout);
    return error;
}
