// io_uring(7), by bare system calls. A ring is kept for a while, with whatever is in it.

#define _GNU_SOURCE
#include <errno.h>
#include <linux/io_uring.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "adversary.h"

enum { ENTRIES = 16 };

struct ring_layout {
    struct io_uring_params params;
    struct io_uring_sqe *entries;
    size_t submissions_length, completions_length;
};

static void drop(struct ring *ring) {
    if (ring->fd < 0) return;
    munmap(ring->submissions, ring->layout->submissions_length);
    munmap(ring->completions, ring->layout->completions_length);
    munmap(ring->layout->entries, ENTRIES * sizeof(struct io_uring_sqe));
    free(ring->layout);
    close(ring->fd);
    ring->fd = -1;
}

static void *map_part(int fd, size_t length, off_t offset) {
    void *address = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, offset);
    return address == MAP_FAILED ? NULL : address;
}

static bool make(struct attacker *attacker, struct ring *ring) {
    struct io_uring_params params = {
        .flags = (uint32_t)any_of(attacker, 0, 0, IORING_SETUP_SQPOLL, IORING_SETUP_COOP_TASKRUN, IORING_SETUP_IOPOLL,
            IORING_SETUP_SINGLE_ISSUER, IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN, IORING_SETUP_SUBMIT_ALL),
        .sq_thread_idle = 10};
    int fd = (int)syscall(SYS_io_uring_setup, ENTRIES, &params);
    if (fd == -1) return false;
    struct ring_layout *layout = calloc(1, sizeof *layout);
    *layout = (struct ring_layout){
        .params = params, .submissions_length = params.sq_off.array + params.sq_entries * sizeof(uint32_t),
        .completions_length = params.cq_off.cqes + params.cq_entries * sizeof(struct io_uring_cqe)};
    *ring = (struct ring){.fd = fd, .layout = layout};
    ring->submissions = map_part(fd, layout->submissions_length, IORING_OFF_SQ_RING);
    ring->completions = map_part(fd, layout->completions_length, IORING_OFF_CQ_RING);
    layout->entries = map_part(fd, ENTRIES * sizeof(struct io_uring_sqe), IORING_OFF_SQES);
    if (!ring->submissions || !ring->completions || !layout->entries) _exit(1);
    struct iovec buffer = {attacker->page, 4096};
    if (one_in(attacker, 2)) syscall(SYS_io_uring_register, fd, IORING_REGISTER_BUFFERS, &buffer, 1);
    int files[DESCRIPTORS];
    memcpy(files, attacker->descriptors, sizeof files);
    if (one_in(attacker, 2)) syscall(SYS_io_uring_register, fd, IORING_REGISTER_FILES, files, DESCRIPTORS);
    return true;
}

static struct io_uring_sqe any_entry(struct attacker *attacker, int operation) {
    if (operation < 0)
        operation = (int)any_of(attacker, IORING_OP_READ, IORING_OP_READ, IORING_OP_READV, IORING_OP_READ_FIXED,
            IORING_OP_WRITE, IORING_OP_POLL_ADD, IORING_OP_FADVISE, IORING_OP_MADVISE, IORING_OP_FSYNC, IORING_OP_SPLICE,
            IORING_OP_STATX, IORING_OP_ASYNC_CANCEL, IORING_OP_CLOSE, IORING_OP_POLL_REMOVE, IORING_OP_SYNC_FILE_RANGE,
            IORING_OP_FALLOCATE, IORING_OP_OPENAT);
    static _Thread_local struct iovec vector;
    vector = (struct iovec){attacker->page, 4};
    struct io_uring_sqe entry = {
        .opcode = (uint8_t)operation,
        .flags = (uint8_t)any_of(attacker, 0, 0, IOSQE_ASYNC, IOSQE_IO_LINK, IOSQE_IO_DRAIN, IOSQE_CQE_SKIP_SUCCESS),
        .fd = any_descriptor(attacker), .off = one_in(attacker, 2) ? ~0UL : (uint64_t)any_offset(attacker),
        .addr = (uint64_t)(uintptr_t)attacker->page, .len = (uint32_t)any_of(attacker, 4, 4, 0, 4096),
        .user_data = (uint64_t)below(attacker, 8)};
    struct mapping *mapping = &attacker->mappings[below(attacker, MAPPINGS)];
    switch (operation) {
    case IORING_OP_READV: entry.addr = (uint64_t)(uintptr_t)&vector; entry.len = 1; break;
    case IORING_OP_POLL_ADD: entry.poll32_events = POLLIN; entry.len = 0; break;
    case IORING_OP_FADVISE: entry.off = 0; entry.addr = 0; entry.fadvise_advice = (uint32_t)below(attacker, 6); break;
    case IORING_OP_MADVISE:
        entry.addr = (uint64_t)(uintptr_t)mapping->address;
        entry.fadvise_advice = (uint32_t)any_of(attacker, 3, 4, 22);
        break;
    case IORING_OP_SPLICE: entry.splice_fd_in = any_descriptor(attacker); entry.splice_off_in = ~0UL; break;
    case IORING_OP_STATX:
        entry.addr = (uint64_t)(uintptr_t)attacker->path;
        entry.fd = -100;
        entry.len = STATX_ALL;
        entry.off = (uint64_t)(uintptr_t)attacker->page;
        break;
    case IORING_OP_OPENAT: entry.addr = (uint64_t)(uintptr_t)attacker->path; entry.fd = -100; entry.open_flags = 02000000; break;
    case IORING_OP_ASYNC_CANCEL: case IORING_OP_POLL_REMOVE: entry.addr = (uint64_t)below(attacker, 8); entry.len = 0; break;
    // What it has opened is closed with it: never what others need.
    case IORING_OP_CLOSE: entry.fd = attacker->others[below(attacker, OTHERS)]; break;
    default: break;
    }
    return entry;
}

static long submit(struct attacker *attacker, struct ring *ring, int count, int operation) {
    const struct io_uring_params *params = &ring->layout->params;
    _Atomic uint32_t *tail = (_Atomic uint32_t *)(ring->submissions + params->sq_off.tail);
    uint32_t *array = (uint32_t *)(ring->submissions + params->sq_off.array);
    for (int number = 0; number < count; number++) {
        uint32_t place = atomic_load(tail), index = place & (params->sq_entries - 1);
        ring->layout->entries[index] = any_entry(attacker, operation);
        array[index] = index;
        atomic_store(tail, place + 1);
    }
    // What has completed is forgotten.
    _Atomic uint32_t *head = (_Atomic uint32_t *)(ring->completions + params->cq_off.head);
    atomic_store(head, atomic_load((_Atomic uint32_t *)(ring->completions + params->cq_off.tail)));
    unsigned flags = (unsigned)any_of(attacker, 0, IORING_ENTER_GETEVENTS, IORING_ENTER_SQ_WAKEUP);
    return syscall(SYS_io_uring_enter, ring->fd, count, one_in(attacker, 8), flags, NULL, 0);
}

static long submit_to_any(struct attacker *attacker, int count, int operation) {
    struct ring *ring = &attacker->rings[below(attacker, RINGS)];
    if (ring->fd < 0 && !make(attacker, ring)) return -1;
    return submit(attacker, ring, count, operation);
}

static long call_enter(struct attacker *attacker) { return submit_to_any(attacker, 1 + below(attacker, 8), -1); }
static long call_enter_reads(struct attacker *attacker) { return submit_to_any(attacker, ENTRIES, IORING_OP_READ); }

static long call_close_ring(struct attacker *attacker) {
    struct ring *ring = &attacker->rings[below(attacker, RINGS)];
    if (ring->fd < 0) return 0;
    drop(ring);
    return 0;
}

const struct call ring_calls[] = {
    {"io_uring_enter", call_enter}, {"io_uring_enter of reads", call_enter_reads}, {"io_uring closed", call_close_ring},
    {0}};
