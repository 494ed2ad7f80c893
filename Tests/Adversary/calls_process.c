// Processes that share descriptors, stop in the midst of a call, and die. They signal none but their own children.

#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "adversary.h"

static void reap_descendants(void) {
    while (waitpid(-1, NULL, WNOHANG | __WALL) > 0) {}
}

// A descendant goes on with what it has inherited, alone. It is of the same group, and so ends with that at the latest.
static pid_t descend(struct attacker *attacker) {
    if (attacker->is_descendant) {
        errno = ECHILD;
        return -1;
    }
    reap_descendants();
    uint64_t seed = next_random(&attacker->random);
    pid_t child = fork();
    if (child != 0) return child;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    attacker->is_descendant = true;
    attacker->random = seed;
    attacker->step = NULL;
    return 0;
}

static void end(pid_t child) {
    if (child <= 0) return;
    kill(child, SIGKILL);
    waitpid(child, NULL, __WALL);
}

static long call_fork(struct attacker *attacker) {
    pid_t child = descend(attacker);
    if (child == 0) attack(attacker);
    if (child == -1) return -1;
    usleep((useconds_t)below(attacker, 2000));
    if (one_in(attacker, 2)) end(child);
    return 0;
}

// Stopped in a call, and then let go, killed, or left to what comes when its tracer ends.
static long call_ptrace(struct attacker *attacker) {
    pid_t child = descend(attacker);
    if (child == 0) attack(attacker);
    if (child == -1) return -1;
    usleep((useconds_t)below(attacker, 2000));
    long result = ptrace(PTRACE_SEIZE, child, 0, 0);
    if (result == 0) result = ptrace(PTRACE_INTERRUPT, child, 0, 0);
    usleep((useconds_t)below(attacker, 2000));
    switch (below(attacker, 3)) {
    case 0: waitpid(child, NULL, WNOHANG | __WALL); ptrace(PTRACE_CONT, child, 0, 0); break;
    case 1: end(child); break;
    default: break;
    }
    return result;
}

static long call_stop(struct attacker *attacker) {
    pid_t child = descend(attacker);
    if (child == 0) attack(attacker);
    if (child == -1) return -1;
    usleep((useconds_t)below(attacker, 2000));
    kill(child, SIGSTOP);
    usleep((useconds_t)below(attacker, 2000));
    if (one_in(attacker, 2)) kill(child, SIGCONT);
    return 0;
}

static long call_pidfd(struct attacker *attacker) {
    pid_t child = descend(attacker);
    if (child == 0) for (;;) pause();
    if (child == -1) return -1;
    int process = (int)syscall(SYS_pidfd_open, child, 0);
    long fd = syscall(SYS_pidfd_getfd, process, any_descriptor(attacker), 0);
    close(process);
    end(child);
    return keep(attacker, fd);
}

static long call_namespace(struct attacker *attacker) {
    // Once in a while: after that it may mount and be root, there.
    if (!one_in(attacker, 8)) return 0;
    int error = enter_namespaces((int)any_of(attacker, 0, CLONE_NEWNS, CLONE_NEWNET, CLONE_FS));
    errno = error;
    return error ? -1 : 0;
}

static long call_exit(struct attacker *attacker) {
    // With all threads, in whatever calls they are.
    if (one_in(attacker, 40)) _exit(0);
    return 0;
}

static long call_yield(struct attacker *attacker) {
    (void)attacker;
    return sched_yield();
}

const struct call process_calls[] = {
    {"fork", call_fork}, {"ptrace", call_ptrace}, {"SIGSTOP", call_stop}, {"pidfd_getfd", call_pidfd},
    {"unshare", call_namespace}, {"exit", call_exit}, {"sched_yield", call_yield}, {0}};
