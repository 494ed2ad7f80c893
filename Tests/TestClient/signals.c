// A program that is signalled at a change: it says what it gets, and what it makes of SIGUSR1 is its argument.

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "client.h"

static sigset_t usr1;

static void handle(int signal) {
    (void)signal;
    say("usr1");
}

static void *sleep_on(void *unused) {
    for (;;)
        pause();
    return unused;
}

static int take_by_signalfd(void) {
    struct signalfd_siginfo signal;
    int fd = signalfd(-1, &usr1, SFD_CLOEXEC);
    say("ready");
    while (read(fd, &signal, sizeof signal) == sizeof signal)
        say("usr1");
    return errno;
}

static void *take_by_sigwait(void *unused) {
    int signal;
    say("ready");
    while (sigwait(&usr1, &signal) == 0)
        say("usr1");
    return unused;
}

int command_signals(const char *way) {
    // Not left behind where `sysgenidctl run` is killed.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    pthread_t thread;
    sigemptyset(&usr1);
    sigaddset(&usr1, SIGUSR1);
    // One thread that has begun before the others were told to keep the signal back.
    if (strcmp(way, "half-blocked") == 0)
        pthread_create(&thread, NULL, sleep_on, NULL);
    if (strcmp(way, "signalfd") == 0 || strcmp(way, "half-blocked") == 0 || strncmp(way, "sigwait", 7) == 0)
        pthread_sigmask(SIG_BLOCK, &usr1, NULL);
    if (strcmp(way, "signalfd") == 0 || strcmp(way, "half-blocked") == 0)
        return take_by_signalfd();
    if (strcmp(way, "sigwait") == 0)
        take_by_sigwait(NULL);
    if (strcmp(way, "sigwait-in-a-thread") == 0) {
        pthread_create(&thread, NULL, take_by_sigwait, NULL);
        // The others go on without the first one.
        pthread_exit(NULL);
    }
    if (strcmp(way, "handler") == 0)
        signal(SIGUSR1, handle);
    if (strcmp(way, "ignored") == 0)
        signal(SIGUSR1, SIG_IGN);
    // One that has its handler only when it is asked to.
    if (strcmp(way, "late") == 0) {
        char byte;
        say("started");
        while (read(0, &byte, 1) != 1)
            ;
        signal(SIGUSR1, handle);
    }
    say("ready");
    sleep_on(NULL);
    return 0;
}
