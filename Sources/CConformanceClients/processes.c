#define _GNU_SOURCE
#include "conformance_clients.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// A client that dies of a signal dies at once: no report of a crash, no core file.
static void die_quietly(void) {
    signal(SIGSEGV, SIG_DFL);
    signal(SIGBUS, SIG_DFL);
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
}

static bool is_kept(int fd, int pipe, const int *kept, size_t kept_count) {
    if (fd == pipe) return true;
    for (size_t index = 0; index < kept_count; index++) {
        if (kept[index] == fd) return true;
    }
    return false;
}

static void close_all_but(int pipe, const int *kept, size_t kept_count) {
    int last_kept = pipe;
    for (size_t index = 0; index < kept_count; index++) {
        if (kept[index] > last_kept) last_kept = kept[index];
    }
    for (int fd = STDERR_FILENO + 1; fd <= last_kept; fd++) {
        if (!is_kept(fd, pipe, kept, kept_count)) close(fd);
    }
    close_range((unsigned int)last_kept + 1, ~0U, 0);
}

int client_start(
    struct client_process *process, bool own_group, const int *kept, size_t kept_count,
    void (*body)(int pipe, void *context), void *context) {
    int ends[2];
    if (pipe(ends) == -1) return -1;
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid == 0) {
        if (own_group) setpgid(0, 0);
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) _exit(1);
        die_quietly();
        close_all_but(ends[1], kept, kept_count);
        body(ends[1], context);
        _exit(0);
    }
    int error = errno;
    close(ends[1]);
    if (pid == -1) {
        close(ends[0]);
        errno = error;
        return -1;
    }
    // Both sides set the group, so that it is there for whoever comes first.
    if (own_group) setpgid(pid, pid);
    *process = (struct client_process){.pid = pid, .pipe = ends[0]};
    return 0;
}

ssize_t client_receive(const struct client_process *process, void *bytes, size_t size, int milliseconds) {
    enum { TURN = 10 };
    for (int left = milliseconds;; left -= TURN) {
        struct pollfd entry = {.fd = process->pipe, .events = POLLIN};
        if (poll(&entry, 1, left < TURN ? left : TURN) == 1) return read(process->pipe, bytes, size);
        if (left <= TURN) return -1;
    }
}

int client_end(const struct client_process *process, int milliseconds) {
    kill(process->pid, SIGKILL);
    for (int turn = 0; turn <= milliseconds; turn++) {
        int status;
        if (waitpid(process->pid, &status, WNOHANG) == process->pid) return status;
        client_sleep(1);
    }
    return -1;
}

bool client_end_group(const struct client_process *process, int milliseconds) {
    for (int turn = 0; turn <= milliseconds; turn++) {
        // The group's number cannot be another's while one of its processes is not reaped.
        kill(-process->pid, SIGKILL);
        pid_t ended;
        do {
            ended = waitpid(-process->pid, NULL, WNOHANG);
        } while (ended > 0);
        if (ended == -1 && errno == ECHILD) return true;
        client_sleep(1);
    }
    return false;
}

void client_adopt_orphans(void) {
    prctl(PR_SET_CHILD_SUBREAPER, 1);
}

static void do_nothing(int number) {
    (void)number;
}

void client_handle_signal(void) {
    struct sigaction action = {.sa_handler = do_nothing};
    sigaction(SIGUSR1, &action, NULL);
    // Whoever started the suite may have blocked it.
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGUSR1);
    sigprocmask(SIG_UNBLOCK, &signals, NULL);
}

void client_sleep(int milliseconds) {
    struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000L};
    while (nanosleep(&time, &time) == -1 && errno == EINTR) {
    }
}

int64_t client_now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

int client_allow_descriptors(size_t count) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == -1) return errno;
    if (limit.rlim_cur >= count) return 0;
    limit.rlim_cur = count;
    if (limit.rlim_max < count) limit.rlim_max = count;
    return setrlimit(RLIMIT_NOFILE, &limit) == -1 ? errno : 0;
}
