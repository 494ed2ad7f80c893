// A crowd of users, each of whom opens the device as often as he can, and keeps it open. Half of them are one person: a
// user namespace with subordinate ids. The watchdog must be able to open it all the same.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "adversary.h"

enum { OPENS_MOST = 100000 };

// One after the other: where a user may have a share of what the others have left, the first one has most of it.
static void hoard(const struct options *options, int number) {
    while (number > 0 && !atomic_load(&shared->clients[number - 1].is_full)) usleep(1000);
    while (open(options->path, O_RDONLY | O_CLOEXEC) != -1) atomic_fetch_add(&shared->clients[number].held, 1);
    atomic_store(&shared->clients[number].error, errno);
    atomic_store(&shared->clients[number].is_full, true);
    for (;;) pause();
}

static void write_map(pid_t process, const char *name, unsigned first, unsigned count) {
    char path[64], text[64];
    snprintf(path, sizeof path, "/proc/%d/%s", process, name);
    snprintf(text, sizeof text, "0 %u %u", first, count);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd == -1 || write(fd, text, strlen(text)) == -1) {
        complain("cannot write %s: %s", path, strerrorname_np(errno));
        _exit(1);
    }
    close(fd);
}

// The person: a process of the first user in a namespace of his, whose map root writes as newuidmap(1) does, and in it
// a process of each of his ids.
static void run_person(const struct options *options, int first, int count) {
    int ready[2], mapped[2];
    char byte = 0;
    if (pipe(ready) || pipe(mapped)) _exit(1);
    pid_t person = fork();
    if (person > 0) {
        if (read(ready[0], &byte, 1) != 1) _exit(1);
        write_map(person, "uid_map", options->first_user, (unsigned)count);
        write_map(person, "gid_map", options->first_user, (unsigned)count);
        if (write(mapped[1], &byte, 1) != 1) _exit(1);
        for (;;) pause();
    }
    drop_rights(options, options->first_user);
    if (unshare(CLONE_NEWUSER) == -1) _exit(1);
    prctl(PR_SET_DUMPABLE, 1);
    if (write(ready[1], &byte, 1) != 1 || read(mapped[0], &byte, 1) != 1) _exit(1);
    for (int id = 0; id < count; id++) {
        if (fork() != 0) continue;
        drop_rights(options, (uid_t)id);
        hoard(options, first + id);
    }
    for (;;) pause();
}

static void run_users(const struct options *options, int first, int count) {
    for (int user = 0; user < count; user++) {
        if (fork() != 0) continue;
        drop_rights(options, options->first_user + 1000 + (uid_t)user);
        hoard(options, first + user);
    }
    for (;;) pause();
}

static bool await_full(const struct options *options) {
    unsigned long rounds = floor_rounds();
    int before = -1;
    for (;;) {
        int held = 0, full = 0;
        for (int number = 0; number < options->user_count; number++) {
            held += atomic_load(&shared->clients[number].held);
            full += atomic_load(&shared->clients[number].is_full);
        }
        if (full == options->user_count) return true;
        if (held != before) rounds = floor_rounds();
        before = held;
        if (has_lasted(rounds)) {
            complain("%d of %d users have come to an end with %d watchers", full, options->user_count, held);
            return false;
        }
        if (!is_watchdog_well()) return false;
        usleep(2000);
    }
}

// The watchdog makes so many more rounds, with everything taken.
static bool await_rounds(unsigned long count) {
    unsigned long end = atomic_load(&shared->watchdog.rounds) + count;
    while (atomic_load(&shared->watchdog.rounds) < end) {
        if (!is_watchdog_well()) return false;
        usleep(2000);
    }
    return true;
}

bool run_crowd(const struct options *options) {
    int64_t watchers = published(options, "watchers");
    int of_person = options->user_count / 2;
    if (!start_watchdog(options)) return false;
    struct client crowds[2] = {0};
    for (int crowd = 0; crowd < 2; crowd++) {
        crowds[crowd].group = fork_into_group();
        if (crowds[crowd].group != 0) continue;
        limit_resources(OPENS_MOST);
        if (crowd == 0) run_person(options, 0, of_person);
        run_users(options, of_person, options->user_count - of_person);
    }
    bool is_well = await_full(options) && await_rounds(50);
    if (!is_well) printf("when that was seen:\n");
    for (int number = 0; number < options->user_count; number++)
        printf("%s %d holds %d watchers (%s)\n", number < of_person ? "subordinate id" : "user", number,
            atomic_load(&shared->clients[number].held), strerrorname_np(atomic_load(&shared->clients[number].error)));
    fflush(stdout);
    // In the end all are gone, be it well or not.
    if (!end_all(crowds, 2) || !is_well) return false;
    return await_watchers(options, watchers, "when the crowd has ended") && end_watchdog();
}
