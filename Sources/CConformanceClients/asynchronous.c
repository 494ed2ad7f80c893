// Reads that the kernel is told to do meanwhile (io_setup(2), io_submit(2)), by its bare system calls.
#define _GNU_SOURCE
#include "conformance_clients.h"

#include <errno.h>
#include <linux/aio_abi.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { READS_MOST = 64 };

struct asynchronous_read {
    int fd;
    pthread_t thread;
    // What came: the bytes, and how many, or a negative error.
    uint32_t generation;
    int64_t result;
};

// One read, until it is done. It waits in the submission, or for the event: that is the kernel's business.
static void *read_asynchronously(void *argument) {
    struct asynchronous_read *read = argument;
    aio_context_t context = 0;
    if (syscall(SYS_io_setup, 1, &context) == -1) {
        read->result = -errno;
        return NULL;
    }
    struct iocb block = {
        .aio_lio_opcode = IOCB_CMD_PREAD, .aio_fildes = (uint32_t)read->fd,
        .aio_buf = (uint64_t)(uintptr_t)&read->generation, .aio_nbytes = sizeof read->generation};
    struct iocb *blocks[] = {&block};
    struct io_event event = {0};
    long done = syscall(SYS_io_submit, context, 1, blocks);
    if (done == 1) done = syscall(SYS_io_getevents, context, 1, 1, &event, NULL);
    read->result = done == 1 ? event.res : -errno;
    syscall(SYS_io_destroy, context);
    return NULL;
}

struct client_answer client_read_asynchronously(int fd, size_t count) {
    static struct asynchronous_read reads[READS_MOST];
    if (count > READS_MOST) return (struct client_answer){CLIENT_UNPREPARED, EINVAL};
    for (size_t index = 0; index < count; index++) {
        reads[index].fd = fd;
        int error = pthread_create(&reads[index].thread, NULL, read_asynchronously, &reads[index]);
        if (error) return (struct client_answer){CLIENT_UNPREPARED, error};
    }
    for (size_t index = 0; index < count; index++) pthread_join(reads[index].thread, NULL);
    for (size_t index = 0; index < count; index++) {
        int64_t result = reads[index].result;
        if (result < 0) return (struct client_answer){CLIENT_FAILURE, -result};
        if (result != sizeof(uint32_t)) return (struct client_answer){CLIENT_RESULT, result};
        if (reads[index].generation != reads[0].generation) return (struct client_answer){CLIENT_RESULT, -1};
    }
    return (struct client_answer){CLIENT_GENERATION, reads[0].generation};
}
