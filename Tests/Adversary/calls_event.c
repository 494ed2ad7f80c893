// Waiting for events, in all ways.

#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <time.h>
#include <unistd.h>

#include "adversary.h"

static int any_timeout(struct attacker *attacker) {
    return one_in(attacker, 16) ? -1 : (int)any_of(attacker, 0, 0, 1, 5);
}

static long call_poll(struct attacker *attacker) {
    struct pollfd entries[16];
    int count = 1 + below(attacker, 16);
    for (int index = 0; index < count; index++)
        entries[index] = (struct pollfd){
            .fd = any_descriptor(attacker), .events = (short)next_random(&attacker->random)};
    int timeout = any_timeout(attacker);
    if (one_in(attacker, 2)) return poll(entries, (nfds_t)count, timeout);
    struct timespec time = {0, timeout * 1000000};
    return ppoll(entries, (nfds_t)count, timeout < 0 ? NULL : &time, NULL);
}

static long call_select(struct attacker *attacker) {
    fd_set sets[3];
    int fd = any_descriptor(attacker);
    for (int index = 0; index < 3; index++) {
        FD_ZERO(&sets[index]);
        if (fd < FD_SETSIZE) FD_SET(fd, &sets[index]);
    }
    struct timeval time = {0, any_timeout(attacker) * 1000};
    return select(FD_SETSIZE, &sets[0], &sets[1], &sets[2], time.tv_usec < 0 ? NULL : &time);
}

static long call_epoll(struct attacker *attacker) {
    int fd = epoll_create1(EPOLL_CLOEXEC);
    if (fd == -1) return -1;
    long result = 0;
    for (int count = 1 + below(attacker, 4); count > 0; count--) {
        struct epoll_event event = {
            .events = EPOLLIN | (unsigned)any_of(attacker, 0, EPOLLOUT, EPOLLPRI)
                | (unsigned)any_of(attacker, 0, EPOLLET, EPOLLONESHOT, EPOLLEXCLUSIVE, EPOLLEXCLUSIVE | EPOLLET)};
        result = epoll_ctl(fd, EPOLL_CTL_ADD, any_descriptor(attacker), &event);
    }
    struct epoll_event events[4];
    if (one_in(attacker, 2)) result = epoll_wait(fd, events, 4, any_timeout(attacker));
    // It goes on watching.
    keep(attacker, fd);
    return result;
}

const struct call event_calls[] = {{"poll", call_poll}, {"select", call_select}, {"epoll", call_epoll}, {0}};
