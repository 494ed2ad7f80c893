// A person with many ids: one who has a range of subordinate ids, as newuidmap(1) gives it.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client.h"

enum { PERSON = 60000, RANGE = 600000 };

static void expect(int holds, const char *call) {
    if (!holds)
        _exit(failed(call));
}

// Opens the device as often as it can, and says how often by the pipe.
static void take(const char *path, int out) {
    int count = 0;
    // Only now: it is lost where the user changes, see prctl(2).
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    while (open(path, O_RDONLY) >= 0)
        count++;
    expect(errno == EMFILE, "open");
    expect(write(out, &count, sizeof count) == sizeof count, "write");
    pause();
    _exit(0);
}

// Lives in a user namespace of the person's own, with one child for each id.
static void live(const char *path, int count, int made, int mapped, int out) {
    char word = 0;
    expect(setresgid(PERSON, PERSON, PERSON) == 0 && setresuid(PERSON, PERSON, PERSON) == 0, "setresuid");
    expect(unshare(CLONE_NEWUSER) == 0, "unshare");
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    expect(write(made, &word, 1) == 1 && read(mapped, &word, 1) == 1, "mapping");
    for (int id = 0; id < count; id++) {
        pid_t child = fork();
        expect(child >= 0, "fork");
        if (child > 0)
            continue;
        expect(setresgid(id, id, id) == 0 && setresuid(id, id, id) == 0, "setresuid");
        // The last of them in a namespace of its own below.
        expect(id + 1 < count || unshare(CLONE_NEWUSER) == 0, "unshare");
        take(path, out);
    }
    pause();
    _exit(0);
}

// Does what newuidmap(1) and newgidmap(1) do.
static void give_range(pid_t process, const char *kind) {
    char name[64];
    snprintf(name, sizeof name, "/proc/%d/%s", process, kind);
    FILE *map = fopen(name, "w");
    expect(map != NULL && fprintf(map, "0 %d 65536\n", RANGE) > 0 && fclose(map) == 0, kind);
}

// Takes all that so many ids of one person get, and holds it until a line is read.
int command_family(const char *path, int count) {
    int made[2], mapped[2], taken[2];
    if (pipe(made) != 0 || pipe(mapped) != 0 || pipe(taken) != 0)
        return failed("pipe");
    pid_t child = fork();
    if (child < 0)
        return failed("fork");
    if (child == 0)
        live(path, count, made[1], mapped[0], taken[1]);
    char word;
    if (read(made[0], &word, 1) != 1)
        return failed("read");
    give_range(child, "uid_map");
    give_range(child, "gid_map");
    if (write(mapped[1], &word, 1) != 1)
        return failed("write");
    int total = 0;
    for (int id = 0; id < count; id++) {
        int own;
        if (read(taken[0], &own, sizeof own) != sizeof own)
            return failed("read");
        total += own;
    }
    printf("%d\n", total);
    say("held");
    getchar();
    return 0;
}
