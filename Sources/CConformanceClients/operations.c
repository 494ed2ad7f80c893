#define _GNU_SOURCE
#include "conformance_clients.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

const int client_direct = O_DIRECT;

static struct client_answer answer(int64_t result) {
    if (result == -1) return (struct client_answer){CLIENT_FAILURE, errno};
    return (struct client_answer){CLIENT_RESULT, result};
}

static struct client_answer answer_of_read(ssize_t result, const void *bytes) {
    uint32_t generation;
    if (result != sizeof generation) return answer(result);
    memcpy(&generation, bytes, sizeof generation);
    return (struct client_answer){CLIENT_GENERATION, generation};
}

const char *client_error_name(int error) {
    return strerrorname_np(error);
}

struct client_answer client_open(const char *path, int flags) {
    return answer(open(path, flags | O_CLOEXEC, 0600));
}

struct client_answer client_close(int fd) {
    return answer(close(fd));
}

struct client_answer client_duplicate(int fd) {
    return answer(dup(fd));
}

struct client_answer client_set_nonblocking(int fd, bool nonblocking) {
    int flags = fcntl(fd, F_GETFL);
    if (flags == -1) return answer(-1);
    return answer(fcntl(fd, F_SETFL, nonblocking ? flags | O_NONBLOCK : flags & ~O_NONBLOCK));
}

struct client_answer client_status(int fd) {
    struct stat status;
    return answer(fstat(fd, &status));
}

struct client_answer client_truncate(int fd, off_t length) {
    return answer(ftruncate(fd, length));
}

struct client_answer client_read(int fd, size_t count) {
    return client_read_at(fd, count, -1);
}

struct client_answer client_read_retrying(int fd, size_t count) {
    struct client_answer last;
    do {
        last = client_read(fd, count);
    } while (last.outcome == CLIENT_FAILURE && last.value == EINTR);
    return last;
}

struct client_answer client_read_at(int fd, size_t count, off_t offset) {
    char *bytes = malloc(count + 1);
    if (!bytes) return (struct client_answer){CLIENT_UNPREPARED, errno};
    ssize_t result = offset < 0 ? read(fd, bytes, count) : pread(fd, bytes, count, offset);
    struct client_answer answer = answer_of_read(result, bytes);
    free(bytes);
    return answer;
}

struct client_answer client_read_two_buffers(int fd, size_t size) {
    char *bytes = malloc(2 * size);
    if (!bytes) return (struct client_answer){CLIENT_UNPREPARED, errno};
    struct iovec buffers[2] = {{bytes, size}, {bytes + size, size}};
    struct client_answer answer = answer_of_read(readv(fd, buffers, 2), bytes);
    free(bytes);
    return answer;
}

// An address that is never mapped, which the compiler cannot know to be one.
static void *nowhere(void) {
    void *volatile address = NULL;
    return address;
}

struct client_answer client_read_to_nowhere(int fd) {
    return answer(read(fd, nowhere(), sizeof(uint32_t)));
}

struct client_answer client_write(int fd, const void *bytes, size_t count) {
    return answer(write(fd, bytes, count));
}

struct client_answer client_write_at(int fd, const void *bytes, size_t count, off_t offset) {
    return answer(pwrite(fd, bytes, count, offset));
}

struct client_answer client_write_from_nowhere(int fd) {
    return answer(write(fd, nowhere(), sizeof(uint32_t)));
}

struct client_answer client_seek(int fd, off_t offset) {
    return answer(lseek(fd, offset, SEEK_SET));
}

struct client_answer client_ioctl(int fd, unsigned long request, unsigned long word) {
    return answer(ioctl(fd, request, word));
}

struct client_answer client_ioctl_pointer(int fd, unsigned long request) {
    unsigned char argument[64] = {0};
    return answer(ioctl(fd, request, argument));
}

struct client_answer client_poll(int fd, int milliseconds) {
    short events = POLLIN | POLLPRI | POLLOUT | POLLRDNORM | POLLRDBAND | POLLWRNORM | POLLWRBAND;
    struct pollfd entry = {.fd = fd, .events = events};
    int result = poll(&entry, 1, milliseconds);
    return answer(result > 0 ? entry.revents : result);
}

struct client_answer client_select(int fd, int milliseconds) {
    if (fd >= FD_SETSIZE) return (struct client_answer){CLIENT_UNPREPARED, EBADF};
    fd_set readable;
    FD_ZERO(&readable);
    FD_SET(fd, &readable);
    struct timeval timeout = {milliseconds / 1000, milliseconds % 1000 * 1000};
    return answer(select(fd + 1, &readable, NULL, NULL, &timeout));
}

struct client_answer client_epoll(int fd, bool edge_triggered) {
    int epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (epoll_fd == -1) return answer(-1);
    uint32_t mode = edge_triggered ? EPOLLET : 0;
    struct epoll_event event = {.events = EPOLLIN | EPOLLRDNORM | EPOLLOUT | mode};
    if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) == -1) return answer(-1);
    return answer(epoll_fd);
}

struct client_answer client_epoll_wait(int epoll_fd, int milliseconds) {
    struct epoll_event event;
    int result = epoll_wait(epoll_fd, &event, 1, milliseconds);
    return answer(result > 0 ? event.events : result);
}

struct client_answer client_map(int fd, size_t length, int protection, int flags, off_t offset, void **address) {
    *address = mmap(NULL, length, protection, flags, fd, offset);
    return answer(*address == MAP_FAILED ? -1 : 0);
}

struct client_answer client_unmap(void *address, size_t length) {
    return answer(munmap(address, length));
}
