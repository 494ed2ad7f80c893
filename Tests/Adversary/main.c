// adversary PATH: see usage below.

#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <getopt.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "adversary.h"

struct shared *shared;

static const char usage[] =
    "usage: adversary PATH [options]\n"
    "Does to the device whatever system calls there are, as users without rights, while root uses it. Needs root.\n"
    "  --runtime DIR    where the daemon publishes its figures (/run/sysgenid)\n"
    "  --seconds N      how long (60)\n"
    "  --seed N         which random calls\n"
    "  --clients N      how many at a time, up to 64 (12)\n"
    "  --uid-first U    the first user id that they take (70000)\n"
    "  --uid-count N    how many ids (8; 16 with --crowd)\n"
    "  --only TEXT      only the calls whose name has this in it, as the table at the end of a run shows them\n"
    "  --changes        root makes a change every second or so\n"
    "  --container      each client is root of namespaces of its own\n"
    "  --daemon PID     gives the daemon the priority that its unit gives it, where the kernel lets it have that\n"
    "  --crowd          many users open the device as often as they can, and nothing else\n"
    "The exit code is 0 where nobody was hurt, 1 where somebody was, 2 for wrong usage.\n";

static long number(const char *text, long least, long most) {
    char *end;
    errno = 0;
    long value = strtol(text, &end, 10);
    if (errno || *end || end == text || value < least || value > most) {
        fprintf(stderr, "adversary: %s is no number from %ld to %ld\n%s", text, least, most, usage);
        exit(2);
    }
    return value;
}

static struct options parse(int count, char **words) {
    struct options options = {
        .runtime = "/run/sysgenid", .seconds = 60, .seed = (uint64_t)time(NULL), .first_user = 70000, .clients = 12};
    static const struct option names[] = {
        {"runtime", 1, NULL, 'r'}, {"seconds", 1, NULL, 's'}, {"seed", 1, NULL, 'n'}, {"clients", 1, NULL, 'c'},
        {"uid-first", 1, NULL, 'f'}, {"uid-count", 1, NULL, 'u'}, {"only", 1, NULL, 'y'},
        {"changes", 0, NULL, 'h'}, {"container", 0, NULL, 'o'}, {"crowd", 0, NULL, 'w'},
        {"daemon", 1, NULL, 'd'},
        {NULL, 0, NULL, 0}};
    for (int option; (option = getopt_long(count, words, "", names, NULL)) != -1;) {
        switch (option) {
        case 'r': options.runtime = optarg; break;
        case 's': options.seconds = (int)number(optarg, 1, 1000000); break;
        case 'n': options.seed = (uint64_t)number(optarg, 0, INT64_MAX); break;
        case 'c': options.clients = (int)number(optarg, 1, CLIENTS_MOST); break;
        case 'f': options.first_user = (uid_t)number(optarg, 1, 1000000000); break;
        case 'u': options.user_count = (int)number(optarg, 2, CLIENTS_MOST); break;
        case 'y': options.only = optarg; break;
        case 'h': options.has_changes = true; break;
        case 'd': options.daemon = (pid_t)number(optarg, 1, 1 << 22); break;
        case 'o': options.is_container = true; break;
        case 'w': options.is_crowd = true; break;
        default: fputs(usage, stderr); exit(2);
        }
    }
    if (optind != count - 1) {
        fputs(usage, stderr);
        exit(2);
    }
    options.path = words[optind];
    if (options.user_count == 0) options.user_count = options.is_crowd ? 16 : 8;
    return options;
}

static bool prepare(const struct options *options) {
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED || geteuid() != 0) {
        fputs("adversary: needs root, to become others and to look what it does to them\n", stderr);
        return false;
    }
    // Who loses his parent becomes a child of this process, which waits for all.
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    signal(SIGPIPE, SIG_IGN);
    setrlimit(RLIMIT_NOFILE, &(struct rlimit){100000, 100000});
    gather_calls(options->only);
    if (call_count == 0) fprintf(stderr, "adversary: no call has %s in its name\n", options->only);
    return call_count > 0;
}

// Whoever keeps the processors busy does not matter then.
static void prefer(pid_t process) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task", process);
    DIR *threads = opendir(path);
    for (struct dirent *entry; threads && (entry = readdir(threads));)
        if (atoi(entry->d_name) > 0)
            sched_setscheduler(atoi(entry->d_name), SCHED_FIFO, &(struct sched_param){.sched_priority = 1});
    if (threads) closedir(threads);
}

// The floor runs from before the first look until after the last one.
static bool start_floor(pid_t *group) {
    *group = fork_into_group();
    if (*group == 0) run_floor();
    while (*group > 0 && floor_rounds() == 0) usleep(1000);
    return *group > 0;
}

int main(int count, char **words) {
    struct options options = parse(count, words);
    pid_t floor;
    if (!prepare(&options) || !start_floor(&floor)) return 2;
    find_connection(options.path);
    if (options.daemon) prefer(options.daemon);
    printf("seed %llu\n", (unsigned long long)options.seed);
    fflush(stdout);
    bool is_well = options.is_crowd ? run_crowd(&options) : run_waves(&options);
    free_who_hangs();
    tell_calls();
    printf("%s\n", is_well ? "nobody was hurt" : "somebody was hurt");
    fflush(stdout);
    kill(-floor, SIGKILL);
    // All others die with this process.
    return is_well ? 0 : 1;
}
