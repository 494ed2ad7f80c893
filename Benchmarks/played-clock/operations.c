// Plays /dev/vmclock0 with the generation counter and poll, as drivers/ptp/ptp_vmclock.c of the kernel has it since 7.0: a
// page that is mapped, poll that tells of a change until the descriptor has read it. The hypervisor's part, a change with
// its notification, is asked for by an ioctl. The rest of the program is the C daemon's.

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "../c-daemon/daemon.h"
#include "csysgenid.h"
#include "sysgenid.h"

enum { SEQUENCE = 0x0c, COUNTER = 0x68, OPENINGS = 64 };

// One open file description: the sequence count that it has read, and the poll that sleeps.
static struct opening {
    int is_used;
    uint32_t seen;
    struct fuse_pollhandle *poll_handle;
} openings[OPENINGS];

static volatile uint32_t *word(int offset) {
    return page + offset / 4;
}

static void prepare(void *unused, struct fuse_conn_info *connection) {
    (void)unused;
    connection->want &= ~(unsigned)FUSE_CAP_ATOMIC_O_TRUNC;
    connection->max_write = 4096;
    // Version 1, with a counter and with notifications.
    static const unsigned char head[] = {'V', 'C', 'L', 'K', 0, SYSGENID_PAGE_SIZE / 256, 0, 0, 1, 0, 0xff};
    memcpy((void *)page, head, sizeof head);
    *word(SYSGENID_CLOCK_FLAGS) = 3 << 8;
}

static void open_clock(fuse_req_t request, fuse_ino_t node, struct fuse_file_info *file) {
    (void)node;
    (void)file;
    int place = 0;
    while (place < OPENINGS && openings[place].is_used)
        place++;
    if (place == OPENINGS) {
        fuse_reply_err(request, EMFILE);
        return;
    }
    openings[place] = (struct opening){.is_used = 1};
    struct csysgenid_fuse_open_out reply = {
        .fh = (uint64_t)place,
        .open_flags = CSYSGENID_FOPEN_DIRECT_IO | CSYSGENID_FOPEN_PASSTHROUGH | CSYSGENID_FOPEN_NOFLUSH,
        .backing_id = backing,
    };
    if (fuse_reply_buf(request, (const char *)&reply, sizeof reply) != 0)
        openings[place].is_used = 0;
}

static void read_clock(
    fuse_req_t request, fuse_ino_t node, size_t count, off_t offset, struct fuse_file_info *file) {
    (void)node;
    openings[file->fh].seen = *word(SEQUENCE);
    size_t left = offset < SYSGENID_PAGE_SIZE ? SYSGENID_PAGE_SIZE - (size_t)offset : 0;
    fuse_reply_buf(request, (const char *)page + offset, count < left ? count : left);
}

static void poll_clock(
    fuse_req_t request, fuse_ino_t node, struct fuse_file_info *file, struct fuse_pollhandle *poll_handle) {
    (void)node;
    struct opening *opening = &openings[file->fh];
    if (poll_handle) {
        if (opening->poll_handle)
            fuse_pollhandle_destroy(opening->poll_handle);
        opening->poll_handle = poll_handle;
    }
    fuse_reply_poll(request, opening->seen == *word(SEQUENCE) ? 0 : POLLIN | POLLRDNORM);
}

// The machine is resumed.
static void change(
    fuse_req_t request, fuse_ino_t node, unsigned command, void *argument, struct fuse_file_info *file, unsigned flags,
    const void *bytes, size_t byte_count, size_t room) {
    (void)node, (void)argument, (void)file, (void)flags, (void)bytes, (void)byte_count, (void)room;
    if (command != SYSGENID_TRIGGER_GEN_UPDATE) {
        fuse_reply_err(request, ENOTTY);
        return;
    }
    __atomic_store_n(word(SEQUENCE), *word(SEQUENCE) + 1, __ATOMIC_SEQ_CST);
    __atomic_store_n(word(COUNTER), *word(COUNTER) + 1, __ATOMIC_SEQ_CST);
    __atomic_store_n(word(SEQUENCE), *word(SEQUENCE) + 1, __ATOMIC_SEQ_CST);
    for (int place = 0; place < OPENINGS; place++) {
        struct fuse_pollhandle *poll_handle = openings[place].poll_handle;
        if (!poll_handle)
            continue;
        openings[place].poll_handle = NULL;
        fuse_lowlevel_notify_poll(poll_handle);
        fuse_pollhandle_destroy(poll_handle);
    }
    fuse_reply_ioctl(request, 0, NULL, 0);
}

static void release_clock(fuse_req_t request, fuse_ino_t node, struct fuse_file_info *file) {
    (void)node;
    struct opening *opening = &openings[file->fh];
    if (opening->poll_handle)
        fuse_pollhandle_destroy(opening->poll_handle);
    *opening = (struct opening){.is_used = 0};
    fuse_reply_err(request, 0);
}

static void get_attributes(fuse_req_t request, fuse_ino_t node, struct fuse_file_info *file) {
    (void)file;
    struct stat status = {.st_ino = node, .st_mode = S_IFREG | 0444, .st_nlink = 1, .st_size = SYSGENID_PAGE_SIZE};
    fuse_reply_attr(request, &status, 3600);
}

// Else each read makes the kernel ask for the attributes again, which nobody asks a device for.
const unsigned long mount_flags = MS_RDONLY;

const struct fuse_lowlevel_ops operations = {
    .init = prepare,
    .open = open_clock,
    .read = read_clock,
    .poll = poll_clock,
    .ioctl = change,
    .release = release_clock,
    .getattr = get_attributes,
};
