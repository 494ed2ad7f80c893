// What is said when something is wrong, and how whoever hangs is freed.

#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "adversary.h"

// Where 1 is written to end the connection.
static char connection[128];

void complain(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    printf("FAIL ");
    vprintf(format, arguments);
    printf("\n");
    va_end(arguments);
    fflush(stdout);
}

static void tell_file(const char *format, pid_t process, const char *thread) {
    char path[128], text[4096];
    snprintf(path, sizeof path, format, process, thread);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = fd == -1 ? -1 : read(fd, text, sizeof text);
    if (length > 0) printf("  %s:\n%.*s\n", path, (int)length, text);
    if (fd != -1) close(fd);
}

static bool has_hung;

// Where in the kernel each thread of a process is that does not come back.
void tell_where(const char *what, pid_t process) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task", process);
    DIR *threads = opendir(path);
    has_hung = true;
    printf("%s, process %d:\n", what, process);
    for (struct dirent *entry; threads && (entry = readdir(threads));) {
        if (entry->d_name[0] == '.') continue;
        tell_file("/proc/%d/task/%s/wchan", process, entry->d_name);
        tell_file("/proc/%d/task/%s/stack", process, entry->d_name);
    }
    if (threads) closedir(threads);
    fflush(stdout);
}

void find_connection(const char *path) {
    struct stat status;
    if (stat(path, &status) == -1) return;
    if (S_ISCHR(status.st_mode))
        snprintf(connection, sizeof connection, "/sys/dev/char/%u:%u/abort", major(status.st_rdev),
            minor(status.st_rdev));
    else
        // fusectl has a folder for each, with the minor number of the mount's device as its name.
        snprintf(connection, sizeof connection, "%u/abort", minor(status.st_dev));
}

static bool write_one(const char *path) {
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool is_written = fd != -1 && write(fd, "1", 1) == 1;
    if (fd != -1) close(fd);
    return is_written;
}

// Mounts fusectl where nobody else sees it.
static bool abort_by_fusectl(void) {
    char folder[] = "/tmp/adversary-XXXXXX", path[sizeof folder + sizeof connection + 1];
    if (unshare(CLONE_NEWNS) == -1 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == -1) return false;
    if (!mkdtemp(folder)) return false;
    bool is_done = mount("fusectl", folder, "fusectl", 0, NULL) == 0;
    snprintf(path, sizeof path, "%s/%s", folder, connection);
    is_done = is_done && write_one(path);
    umount2(folder, MNT_DETACH);
    rmdir(folder);
    return is_done;
}

// So that nobody hangs any longer, the test least of all. The device is gone then.
void free_who_hangs(void) {
    if (!has_hung) return;
    bool is_done = connection[0] == '/' ? write_one(connection) : abort_by_fusectl();
    printf("%s the connection (%s) to free whoever hangs: %s\n", is_done ? "ended" : "could not end", connection,
        is_done ? "done" : strerrorname_np(errno));
    fflush(stdout);
}

void tell_calls(void) {
    printf("%-24s %9s %9s %9s %9s %9s\n", "call", "made", "answered", "refused", "missing", "cut off");
    for (int index = 0; index < call_count; index++) {
        unsigned long begun = atomic_load(&shared->calls[index].begun), done = atomic_load(&shared->calls[index].done),
                      failed = atomic_load(&shared->calls[index].failed),
                      missing = atomic_load(&shared->calls[index].missing);
        printf("%-24s %9lu %9lu %9lu %9lu %9lu\n", calls[index].name, begun, done, failed, missing,
            begun - done - failed - missing);
    }
    printf("nobody was counted %.0f ms after the end of a wave at most\n", longest_count / 1e6);
    printf("%lu rounds of the watchdog, %lu of them too long, the worst %.1f ms, with %.1f ms for the floor\n",
        atomic_load(&shared->watchdog.rounds), atomic_load(&shared->watchdog.slow_rounds), atomic_load(&shared->watchdog.worst) / 1e6,
        atomic_load(&shared->watchdog.floor_of_worst) / 1e6);
    fflush(stdout);
}
