#define _GNU_SOURCE
#include "conformance_clients.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static int get_capabilities(struct __user_cap_data_struct data[2]) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    return syscall(SYS_capget, &header, data) == -1 ? errno : 0;
}

uint64_t client_capabilities(void) {
    struct __user_cap_data_struct data[2] = {{0}};
    if (get_capabilities(data) != 0) return 0;
    return data[0].effective | (uint64_t)data[1].effective << 32;
}

int client_limit_capabilities(uint64_t kept) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2] = {{0}};
    int error = get_capabilities(data);
    if (error) return error;
    for (int half = 0; half < 2; half++) {
        // Effective again, too, where a change of the user has taken it away and left it permitted.
        data[half].permitted &= (uint32_t)(kept >> 32 * half);
        data[half].effective = data[half].permitted;
        data[half].inheritable = 0;
    }
    return syscall(SYS_capset, &header, data) == -1 ? errno : 0;
}

// What the kernel takes from a process that changes its user: its /proc files, and that it dies with its parent.
static void restore_after_change_of_user(void) {
    prctl(PR_SET_DUMPABLE, 1);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
}

int client_become_user(unsigned int id, uint64_t kept) {
    if (prctl(PR_SET_KEEPCAPS, 1) == -1) return errno;
    if (setgroups(0, NULL) == -1 || setresgid(id, id, id) == -1 || setresuid(id, id, id) == -1) return errno;
    int error = client_limit_capabilities(kept);
    restore_after_change_of_user();
    return error;
}

static int write_file(const char *path, const char *text) {
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd == -1) return errno;
    int error = write(fd, text, strlen(text)) == -1 ? errno : 0;
    close(fd);
    return error;
}

int client_enter_user_namespace(void) {
    char user[32], group[32];
    snprintf(user, sizeof user, "0 %u 1", geteuid());
    snprintf(group, sizeof group, "0 %u 1", getegid());
    if (unshare(CLONE_NEWUSER) == -1) return errno;
    restore_after_change_of_user();
    int error = write_file("/proc/self/setgroups", "deny");
    if (!error) error = write_file("/proc/self/uid_map", user);
    if (!error) error = write_file("/proc/self/gid_map", group);
    return error;
}

struct bare_request {
    int fd;
    unsigned long request;
    unsigned long word;
    struct client_answer answer;
};

static void *make_bare_request(void *argument) {
    struct bare_request *bare = argument;
    // capset(2) changes the calling thread alone.
    int error = client_limit_capabilities(0);
    bare->answer = error ? (struct client_answer){CLIENT_UNPREPARED, error}
                         : client_ioctl(bare->fd, bare->request, bare->word);
    return NULL;
}

struct client_answer client_ioctl_from_bare_thread(int fd, unsigned long request, unsigned long word) {
    struct bare_request bare = {.fd = fd, .request = request, .word = word};
    pthread_t thread;
    int error = pthread_create(&thread, NULL, make_bare_request, &bare);
    if (error) return (struct client_answer){CLIENT_UNPREPARED, error};
    pthread_join(thread, NULL);
    return bare.answer;
}
