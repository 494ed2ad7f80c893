// What makes the changes that clients of all kinds are told of.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "client.h"
#include "linux/sysgenid.h"
#include "torture.h"

static int trigger(int fd) {
    atomic_fetch_add(&asked, 1);
    if (ioctl(fd, SYSGENID_TRIGGER_GEN_UPDATE, 0) == 0)
        return 0;
    printf("trigger: errno %s\n", strerrorname_np(errno));
    return atomic_fetch_add(&failures, 1);
}

// Makes so many changes, each with a random pause before it.
static void change(const char *path, int changes, unsigned int pause) {
    int fd = open_device(path, O_RDONLY);
    for (unsigned int seed = 1; changes > 0; changes--) {
        usleep(rand_r(&seed) % (2 * pause));
        trigger(fd);
    }
    close(fd);
}

// Starts clients, reads how many changes to make and with what pause between them in microseconds, makes them, and
// says so; after one more line it waits until everybody has been told of the last change, and says what was seen.
int command_torture(const char *path, int count) {
    start_clients(path, count);
    say("ready");
    int changes;
    unsigned int pause;
    if (scanf("%d %u", &changes, &pause) != 2)
        return EINVAL;
    change(path, changes, pause);
    say("changed");
    int last;
    if (scanf("%d", &last) != 1)
        return EINVAL;
    wait_until_told();
    return report_clients();
}

// Starts clients, and does what each line says: `trigger` makes a change; `expect` tells that one will come from
// elsewhere; `told` says how many have been told of the last one; `end` says what was seen.
int command_endure(const char *path, int count) {
    start_clients(path, count);
    int fd = open_device(path, O_RDONLY);
    say("ready");
    char line[16];
    while (fgets(line, sizeof line, stdin)) {
        if (strcmp(line, "trigger\n") == 0) {
            trigger(fd);
            say("triggered");
        } else if (strcmp(line, "expect\n") == 0) {
            printf("expecting %u\n", atomic_fetch_add(&asked, 1) + 1);
            fflush(stdout);
        } else if (strcmp(line, "told\n") == 0) {
            printf("%d told of %u, %d failures\n", wait_until_told(), atomic_load(&asked), atomic_load(&failures));
            fflush(stdout);
        } else
            return report_clients();
    }
    return EIO;
}
