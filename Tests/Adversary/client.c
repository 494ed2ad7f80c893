// A client: one or a few threads without any right that make random calls, until somebody kills them.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include "adversary.h"

static void limit(int what, rlim_t value) {
    setrlimit(what, &(struct rlimit){value, value});
}

void limit_resources(unsigned long descriptors) {
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_NOFILE, descriptors);
    limit(RLIMIT_NPROC, 200);
    limit(RLIMIT_AS, 1UL << 30);
    limit(RLIMIT_FSIZE, 1UL << 20);
    limit(RLIMIT_MEMLOCK, 1UL << 20);
    limit(RLIMIT_CPU, 20);
    // No client may be served before others by what it asks the scheduler for.
    limit(RLIMIT_NICE, 0);
    limit(RLIMIT_RTPRIO, 0);
}

void drop_rights(const struct options *options, uid_t user) {
    (void)options;
    if (setgroups(0, NULL) || setresgid(user, user, user) || setresuid(user, user, user)) _exit(1);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) _exit(1);
    // What the kernel takes from who changes its user: that it can be traced by its own, and dies with its parent.
    prctl(PR_SET_DUMPABLE, 1);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
}

static void write_file(const char *path, const char *text) {
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd == -1) return;
    if (write(fd, text, strlen(text)) == -1) errno = 0;
    close(fd);
}

int enter_namespaces(int which) {
    char user[32], group[32];
    snprintf(user, sizeof user, "0 %u 1", geteuid());
    snprintf(group, sizeof group, "0 %u 1", getegid());
    if (unshare(CLONE_NEWUSER | which) == -1) return errno;
    prctl(PR_SET_DUMPABLE, 1);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    write_file("/proc/self/setgroups", "deny");
    write_file("/proc/self/uid_map", user);
    write_file("/proc/self/gid_map", group);
    return 0;
}

// A signal that a mapping gives ends the client, without a report and without anybody who looks into it.
static void die_quietly(void) {
    static const int deadly[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT, SIGQUIT, SIGSYS};
    for (size_t index = 0; index < sizeof deadly / sizeof *deadly; index++) signal(deadly[index], SIG_DFL);
}

static void do_nothing(int signal) { (void)signal; }

// Calls that block are interrupted after a while, in most clients: others are killed in the midst of them.
static void be_interrupted(struct attacker *attacker) {
    struct sigaction action = {.sa_handler = do_nothing, .sa_flags = one_in(attacker, 4) ? SA_RESTART : 0};
    sigaction(SIGALRM, &action, NULL);
    signal(SIGIO, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGUSR1, SIG_IGN);
    if (one_in(attacker, 4)) return;
    suseconds_t pause = 1000 + below(attacker, 30000);
    setitimer(ITIMER_REAL, &(struct itimerval){{0, pause}, {0, pause}}, NULL);
}

static void open_descriptors(struct attacker *attacker) {
    for (int index = 0; index < DESCRIPTORS; index++) {
        int flags = O_RDONLY | O_CLOEXEC | (one_in(attacker, 2) ? O_NONBLOCK : 0) | (one_in(attacker, 8) ? O_DIRECT : 0);
        // Where it is refused, 0 is as good as any other: what is not of the device does not hurt it.
        int fd = open(attacker->path, flags);
        attacker->descriptors[index] = fd == -1 ? 0 : fd;
    }
}

static void *attack_in_thread(void *attacker) {
    attack(attacker);
    return NULL;
}

void run_client(const struct options *options, int number, uint64_t seed) {
    static struct attacker attackers[THREADS_MOST];
    static int descriptors[DESCRIPTORS];
    struct attacker first = {.random = seed, .path = options->path, .descriptors = descriptors};
    die_quietly();
    limit_resources(256);
    drop_rights(options, options->first_user + (uid_t)(number % options->user_count));
    if (options->is_container)
        enter_namespaces(CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP);
    else if (one_in(&first, 4)) enter_namespaces(0);
    be_interrupted(&first);
    open_descriptors(&first);
    int threads = (int)any_of(&first, 1, 1, 2, THREADS_MOST);
    for (int index = 0; index < threads; index++) {
        attackers[index] = first;
        attackers[index].random = next_random(&first.random);
        for (int place = 0; place < OTHERS; place++) attackers[index].others[place] = -1;
        for (int place = 0; place < RINGS; place++) attackers[index].rings[place].fd = -1;
        attackers[index].page =
            mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        attackers[index].step = &shared->clients[number].steps[index];
        pthread_t thread;
        if (index > 0) pthread_create(&thread, NULL, attack_in_thread, &attackers[index]);
    }
    attack(&attackers[0]);
}
