// Asynchronous calls of the old kind, by bare system calls: see io_submit(2).

#define _GNU_SOURCE
#include <errno.h>
#include <linux/aio_abi.h>
#include <poll.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "adversary.h"

enum { DEPTH = 16 };

static long destroy(unsigned long *context) {
    long result = *context ? syscall(SYS_io_destroy, *context) : -1;
    *context = 0;
    return result;
}

static long submit(struct attacker *attacker, int count, int opcode) {
    unsigned long *context = &attacker->contexts[below(attacker, CONTEXTS)];
    if (*context == 0 && syscall(SYS_io_setup, DEPTH, context) == -1) return -1;
    struct iocb blocks[DEPTH], *list[DEPTH];
    for (int index = 0; index < count; index++) {
        int operation = opcode >= 0 ? opcode
            : (int)any_of(attacker, IOCB_CMD_PREAD, IOCB_CMD_PREADV, IOCB_CMD_POLL, IOCB_CMD_FSYNC, IOCB_CMD_FDSYNC,
                  IOCB_CMD_PWRITE, IOCB_CMD_NOOP);
        blocks[index] = (struct iocb){
            .aio_lio_opcode = (uint16_t)operation, .aio_fildes = (uint32_t)any_descriptor(attacker),
            .aio_buf = operation == IOCB_CMD_POLL ? POLLIN : (uint64_t)(uintptr_t)attacker->page,
            .aio_nbytes = operation == IOCB_CMD_PREAD ? 4 : 0,
            .aio_rw_flags = one_in(attacker, 4) ? 1 << below(attacker, 5) : 0};
        list[index] = &blocks[index];
    }
    return syscall(SYS_io_submit, *context, count, list);
}

static long call_submit(struct attacker *attacker) { return submit(attacker, 1 + below(attacker, DEPTH), -1); }
static long call_submit_reads(struct attacker *attacker) { return submit(attacker, DEPTH, IOCB_CMD_PREAD); }

static long call_getevents(struct attacker *attacker) {
    struct io_event events[DEPTH];
    struct timespec time = {0, below(attacker, 3000000)};
    return syscall(SYS_io_getevents, attacker->contexts[below(attacker, CONTEXTS)], 1, DEPTH, events, &time);
}

static long call_destroy(struct attacker *attacker) {
    return destroy(&attacker->contexts[below(attacker, CONTEXTS)]);
}

const struct call queue_calls[] = {
    {"io_submit", call_submit}, {"io_submit of reads", call_submit_reads}, {"io_getevents", call_getevents},
    {"io_destroy", call_destroy}, {0}};
