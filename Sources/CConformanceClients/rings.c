// io_uring(7) by its bare system calls: a ring for each operation, which waits until that is done.
#define _GNU_SOURCE
#include "conformance_clients.h"

#include <errno.h>
#include <linux/io_uring.h>
#include <poll.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { ENTRIES = 4 };
enum { OPERATION = 1, CANCELLATION = 2 };

struct ring {
    int fd;
    struct io_uring_params params;
    char *submissions, *completions;
    struct io_uring_sqe *entries;
};

static void *map_ring(int fd, size_t length, off_t offset) {
    void *address = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, offset);
    return address == MAP_FAILED ? NULL : address;
}

// Makes a ring. Returns 0, or errno. It is not taken down: the client ends.
static int make_ring(struct ring *ring) {
    memset(ring, 0, sizeof *ring);
    ring->fd = (int)syscall(SYS_io_uring_setup, ENTRIES, &ring->params);
    if (ring->fd == -1) return errno;
    const struct io_uring_params *params = &ring->params;
    ring->submissions = map_ring(
        ring->fd, params->sq_off.array + params->sq_entries * sizeof(uint32_t), IORING_OFF_SQ_RING);
    ring->completions = map_ring(
        ring->fd, params->cq_off.cqes + params->cq_entries * sizeof(struct io_uring_cqe), IORING_OFF_CQ_RING);
    ring->entries = map_ring(ring->fd, params->sq_entries * sizeof(struct io_uring_sqe), IORING_OFF_SQES);
    return ring->submissions && ring->completions && ring->entries ? 0 : errno;
}

// Hands an entry to the kernel. Returns 0, or errno.
static int submit(struct ring *ring, const struct io_uring_sqe *entry) {
    _Atomic uint32_t *tail = (_Atomic uint32_t *)(ring->submissions + ring->params.sq_off.tail);
    uint32_t *array = (uint32_t *)(ring->submissions + ring->params.sq_off.array);
    uint32_t place = atomic_load(tail), index = place & (ring->params.sq_entries - 1);
    ring->entries[index] = *entry;
    array[index] = index;
    atomic_store(tail, place + 1);
    return syscall(SYS_io_uring_enter, ring->fd, 1, 0, 0, NULL, 0) == -1 ? errno : 0;
}

// Waits for the next completion. Returns 0, or errno.
static int complete(struct ring *ring, struct io_uring_cqe *completion) {
    _Atomic uint32_t *head = (_Atomic uint32_t *)(ring->completions + ring->params.cq_off.head);
    _Atomic uint32_t *tail = (_Atomic uint32_t *)(ring->completions + ring->params.cq_off.tail);
    const struct io_uring_cqe *queue = (void *)(ring->completions + ring->params.cq_off.cqes);
    uint32_t place = atomic_load(head);
    while (atomic_load(tail) == place) {
        int waited = (int)syscall(SYS_io_uring_enter, ring->fd, 0, 1, IORING_ENTER_GETEVENTS, NULL, 0);
        if (waited == -1 && errno != EINTR) return errno;
    }
    *completion = queue[place & (ring->params.cq_entries - 1)];
    atomic_store(head, place + 1);
    return 0;
}

static struct client_answer unprepared(int error) {
    return (struct client_answer){CLIENT_UNPREPARED, error};
}

static struct client_answer answer_of(int result, const uint32_t *generation) {
    if (result < 0) return (struct client_answer){CLIENT_FAILURE, -result};
    if (generation && result == sizeof *generation) return (struct client_answer){CLIENT_GENERATION, *generation};
    return (struct client_answer){CLIENT_RESULT, result};
}

// One operation, and its answer.
static struct client_answer operate(struct io_uring_sqe entry, const uint32_t *generation) {
    struct ring ring;
    struct io_uring_cqe completion = {0};
    int error = make_ring(&ring);
    if (!error) error = submit(&ring, &entry);
    if (!error) error = complete(&ring, &completion);
    return error ? unprepared(error) : answer_of(completion.res, generation);
}

// Of the four bytes, at the position of the file, as a program without an interest in offsets does it.
static struct io_uring_sqe transfer(int operation, int fd, const uint32_t *generation, bool apart) {
    return (struct io_uring_sqe){
        .opcode = (uint8_t)operation, .flags = apart ? IOSQE_ASYNC : 0, .fd = fd, .off = (uint64_t)-1,
        .addr = (uint64_t)(uintptr_t)generation, .len = sizeof *generation, .user_data = OPERATION};
}

int client_ring_obstacle(void) {
    struct ring ring;
    int error = make_ring(&ring);
    if (ring.fd != -1) close(ring.fd);
    return error;
}

struct client_answer client_ring_read(int fd, bool apart) {
    uint32_t generation = 0;
    return operate(transfer(IORING_OP_READ, fd, &generation, apart), &generation);
}

struct client_answer client_ring_write(int fd, uint32_t generation, bool apart) {
    return operate(transfer(IORING_OP_WRITE, fd, &generation, apart), NULL);
}

struct client_answer client_ring_poll(int fd) {
    return operate(
        (struct io_uring_sqe){
            .opcode = IORING_OP_POLL_ADD, .fd = fd, .poll32_events = POLLIN | POLLRDNORM, .user_data = OPERATION},
        NULL);
}

struct client_answer client_ring_cancel_read(int fd, bool apart) {
    uint32_t generation = 0;
    struct io_uring_sqe read = transfer(IORING_OP_READ, fd, &generation, apart);
    struct io_uring_sqe cancellation = {
        .opcode = IORING_OP_ASYNC_CANCEL, .fd = -1, .addr = OPERATION, .user_data = CANCELLATION};
    struct ring ring;
    int error = make_ring(&ring);
    if (!error) error = submit(&ring, &read);
    // The read has to have begun: one that has not is not the device's.
    client_sleep(20);
    if (!error) error = submit(&ring, &cancellation);
    struct io_uring_cqe completion = {0};
    while (!error && completion.user_data != OPERATION) {
        error = complete(&ring, &completion);
        if (error || completion.user_data != CANCELLATION || completion.res == 0) continue;
        // One that a worker of the kernel's had taken, and was about to let wait for a poll, forgets it: EALREADY.
        client_sleep(20);
        error = submit(&ring, &cancellation);
    }
    return error ? unprepared(error) : answer_of(completion.res, &generation);
}
