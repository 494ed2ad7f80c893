// A service manager of one service: it restarts a daemon that ends, and keeps the descriptors that the daemon leaves
// with it. See sd_notify(3), FDSTORE, and sd_listen_fds(3).
//
// SIGTERM is passed on, and the supervisor ends with the daemon, as for `systemctl stop`. SIGUSR1 is passed on, and the
// daemon is started again, as for `systemctl restart`. SIGUSR2 leaves a gap: until the next, nothing is started.

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client.h"

enum { CAPACITY = 16 };

static struct {
    int fd;
    char name[64];
} store[CAPACITY];
static int stored;

static pid_t start(const char *address, char **arguments) {
    pid_t child = fork();
    if (child != 0) {
        printf("started %d\n", child);
        fflush(stdout);
        return child;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    char names[CAPACITY * 64] = "", number[16];
    for (int index = 0; index < stored; index++) {
        strcat(strcat(names, index ? ":" : ""), store[index].name);
        dup2(store[index].fd, 3 + index);
    }
    snprintf(number, sizeof number, "%d", stored);
    setenv("LISTEN_FDS", number, 1);
    setenv("LISTEN_FDNAMES", names, 1);
    snprintf(number, sizeof number, "%d", getpid());
    setenv("LISTEN_PID", number, 1);
    setenv("NOTIFY_SOCKET", address, 1);
    execv(arguments[0], arguments);
    _exit(127);
}

static void forget(const char *name) {
    for (int index = 0; index < stored; index++)
        if (strcmp(store[index].name, name) == 0) {
            close(store[index].fd);
            store[index--] = store[--stored];
        }
}

static int receive(int socket) {
    char text[4096], space[CMSG_SPACE(sizeof(int))];
    struct iovec vector = {text, sizeof text - 1};
    struct msghdr message = {
        .msg_iov = &vector, .msg_iovlen = 1, .msg_control = space, .msg_controllen = sizeof space};
    ssize_t length = recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (length < 0)
        return 0;
    text[length] = 0;
    struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
    char name[64] = "";
    const char *found = strstr(text, "FDNAME=");
    if (found)
        sscanf(found, "FDNAME=%63[^\n]", name);
    if (strstr(text, "FDSTOREREMOVE=1"))
        forget(name);
    else if (strstr(text, "FDSTORE=1") && rights && stored < CAPACITY) {
        int fd;
        memcpy(&fd, CMSG_DATA(rights), sizeof fd);
        // Out of the way of those that the next daemon gets.
        store[stored].fd = fcntl(fd, F_DUPFD_CLOEXEC, 100);
        strcpy(store[stored++].name, name);
        close(fd);
    } else if (strstr(text, "READY=1"))
        say("ready");
    return 1;
}

int command_supervise(const char *address, char **arguments) {
    int socket_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    strncpy(name.sun_path, address, sizeof name.sun_path - 1);
    if (bind(socket_fd, (struct sockaddr *)&name, sizeof name) != 0)
        return failed("bind");
    sigset_t signals;
    sigemptyset(&signals);
    int numbers[] = {SIGCHLD, SIGTERM, SIGUSR1, SIGUSR2};
    for (int index = 0; index < 4; index++)
        sigaddset(&signals, numbers[index]);
    sigprocmask(SIG_SETMASK, &signals, NULL);
    int signal_fd = signalfd(-1, &signals, SFD_CLOEXEC);

    pid_t child = start(address, arguments);
    for (int is_ending = 0, is_gap = 0;;) {
        struct pollfd entries[] = {{.fd = signal_fd, .events = POLLIN}, {.fd = socket_fd, .events = POLLIN}};
        poll(entries, 2, -1);
        // What the daemon has sent before it ended counts.
        while (receive(socket_fd))
            ;
        struct signalfd_siginfo signal;
        if (!(entries[0].revents & POLLIN) || read(signal_fd, &signal, sizeof signal) != sizeof signal)
            continue;
        int status;
        if (signal.ssi_signo == SIGUSR2) {
            is_gap = !is_gap;
            say(is_gap ? "gap" : "no gap");
        } else if (signal.ssi_signo != SIGCHLD) {
            is_ending |= signal.ssi_signo == SIGTERM;
            kill(child, signal.ssi_signo);
        }
        if (child > 0 && waitpid(child, &status, WNOHANG) == child) {
            while (receive(socket_fd))
                ;
            child = 0;
            if (WIFSIGNALED(status)) {
                printf("ended by signal %d\n", WTERMSIG(status));
                fflush(stdout);
            }
            if (is_ending) {
                printf("%d kept\n", stored);
                fflush(stdout);
                return WEXITSTATUS(status);
            }
        }
        if (child == 0 && !is_gap)
            child = start(address, arguments);
    }
}
