// The test: clients come in waves, each is killed at a moment of its own, and the watchdog has to be well all the time.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "adversary.h"

static pid_t watchdog;

bool has_lasted(unsigned long rounds_of_floor) {
    unsigned long rounds = floor_rounds();
    return rounds > rounds_of_floor && rounds - rounds_of_floor > ROUNDS_OF_PATIENCE;
}

int64_t published(const struct options *options, const char *name) {
    char path[4096], text[32] = "";
    snprintf(path, sizeof path, "%s/%s", options->runtime, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd == -1) return -1;
    ssize_t length = read(fd, text, sizeof text - 1);
    close(fd);
    return length > 0 ? strtoll(text, NULL, 10) : -1;
}

// A child in a group of its own, so that it and what it starts are ended together, and that dies with this process.
pid_t fork_into_group(void) {
    pid_t parent = getpid(), child = fork();
    if (child == 0) {
        setpgid(0, 0);
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) _exit(1);
    } else if (child > 0) {
        setpgid(child, child);
    }
    return child;
}

bool start_watchdog(const struct options *options) {
    int64_t generation = published(options, "generation");
    if (generation < 0) {
        complain("%s/generation cannot be read: --runtime names the daemon's runtime directory", options->runtime);
        return false;
    }
    watchdog = fork_into_group();
    if (watchdog == 0) run_watchdog(options, (uint32_t)generation);
    return watchdog > 0;
}

// It has nothing to complain of, has not been ended, and is not held up by anything but this machine.
bool is_watchdog_well(void) {
    int status = 0;
    bool has_ended = waitpid(watchdog, &status, WNOHANG) == watchdog;
    if (atomic_load(&shared->watchdog.has_complained)) {
        complain("the watchdog: %s", shared->watchdog.complaint);
        return false;
    }
    if (has_ended && status != 0) {
        complain("the watchdog ended with wait status 0x%x in %s", status, watchdog_step());
        return false;
    }
    int64_t begun = atomic_load(&shared->watchdog.begun), took = now() - begun, floor = floor_worst();
    if (begun == 0 || !has_lasted(atomic_load(&shared->watchdog.rounds_of_floor)) || !is_too_long(took, floor))
        return true;
    complain("the watchdog has been in %s for %.0f ms, and the floor took %.1f ms at most", watchdog_step(), took / 1e6,
        floor / 1e6);
    tell_where("the watchdog", watchdog);
    return false;
}

bool end_watchdog(void) {
    atomic_store(&shared->watchdog.is_to_end, true);
    while (is_watchdog_well()) {
        if (kill(watchdog, 0) == -1) return true;
        usleep(2000);
    }
    return false;
}

// Kills a client when its time is over, and everything that it has started; then it has to end. Threads of the kernel take
// apart what it has had of inotify(7), and it waits for them, which have as much time as others.
bool end_client(struct client *client, int number) {
    if (client->group == 0) return true;
    if (now() >= client->end) {
        if (!client->is_killed) client->rounds_of_floor = floor_rounds();
        client->is_killed = true;
        // The group's number cannot be another's while one of its processes is not reaped.
        kill(-client->group, SIGKILL);
    }
    pid_t ended;
    do {
        ended = waitpid(-client->group, NULL, WNOHANG);
    } while (ended > 0);
    if (ended == -1 && errno == ECHILD) {
        client->group = 0;
    } else if (client->is_killed && has_lasted(client->rounds_of_floor + ROUNDS_FOR_THE_KERNEL)) {
        int step = atomic_load(&shared->clients[number].steps[0]);
        complain("client %d has not ended by SIGKILL in %s", client->group, step ? calls[step - 1].name : "no call");
        tell_where("the client", client->group);
        return false;
    }
    return true;
}

// How long it has taken at most until nobody was counted who had ended, in nanoseconds.
int64_t longest_count;

// Sockets that were sent over each other keep what was sent with them until the next socket ends (unix_gc).
static void collect_sockets(void) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return;
    close(ends[0]);
    close(ends[1]);
}

// A file that a ring of io_uring(7) has is let go of by threads of the kernel, some time after the process has ended.
bool await_watchers(const struct options *options, int64_t expected, const char *after) {
    unsigned long rounds = floor_rounds();
    int64_t seen, begun = now();
    // The watchdog may have the device open itself.
    while ((seen = published(options, "watchers")) > expected + 1 || seen < 0) {
        if (has_lasted(rounds + ROUNDS_FOR_THE_KERNEL)) {
            complain("%lld watchers are counted %s, where %lld were before", (long long)seen, after, (long long)expected);
            return false;
        }
        if (!is_watchdog_well()) return false;
        collect_sockets();
        usleep(2000);
    }
    if (now() - begun > longest_count) longest_count = now() - begun;
    return true;
}

// All of them, now.
bool end_all(struct client *clients, int count) {
    for (int number = 0; number < count; number++) clients[number].end = 0;
    for (int number = 0; number < count; usleep(2000)) {
        for (int other = number; other < count; other++)
            if (!end_client(&clients[other], other)) return false;
        while (number < count && clients[number].group == 0) number++;
    }
    return true;
}

static bool run_clients(const struct options *options, struct client *clients, uint64_t *random) {
    for (int number = 0; number < options->clients; number++) {
        uint64_t seed = next_random(random);
        memset(&shared->clients[number], 0, sizeof shared->clients[number]);
        pid_t group = fork_into_group();
        if (group == 0) run_client(options, number, seed);
        if (group == -1) {
            complain("cannot fork: %s", strerrorname_np(errno));
            return false;
        }
        clients[number] = (struct client){.group = group, .end = now() + (int64_t)(next_random(random) % 400) * 1000000};
    }
    for (bool is_over = false; !is_over; usleep(2000)) {
        is_over = true;
        for (int number = 0; number < options->clients; number++) {
            if (!end_client(&clients[number], number)) return false;
            is_over = is_over && clients[number].group == 0;
        }
        if (!is_watchdog_well()) return false;
    }
    return true;
}

// However little comes of the time that is given.
enum { WAVES_LEAST = 3, KINDS_LEAST = 10 };

// Whether there were calls of so many kinds: a client on a slow machine may have its time and make none.
static bool was_enough_begun(void) {
    int kinds = 0;
    for (int number = 0; number < call_count; number++) kinds += atomic_load(&shared->calls[number].begun) > 0;
    return kinds >= KINDS_LEAST || kinds == call_count;
}

static bool run_wave(const struct options *options, int64_t watchers, uint64_t *random) {
    static struct client clients[CLIENTS_MOST];
    memset(clients, 0, sizeof clients);
    if (!run_clients(options, clients, random)) {
        // None is left behind, and none is left hanging.
        end_all(clients, options->clients);
        return false;
    }
    return await_watchers(options, watchers, "when the clients of a wave have ended");
}

bool run_waves(const struct options *options) {
    uint64_t random = options->seed;
    int64_t watchers = published(options, "watchers"), end = now() + options->seconds * INT64_C(1000000000);
    int waves = 0;
    if (!start_watchdog(options)) return false;
    printf("%lld watchers before\n", (long long)watchers);
    fflush(stdout);
    bool is_well = true;
    for (; is_well && (now() < end || waves < WAVES_LEAST || !was_enough_begun()); waves++)
        is_well = run_wave(options, watchers, &random);
    is_well = is_well && end_watchdog();
    printf("%d waves of %d clients\n", waves, options->clients);
    return is_well;
}
