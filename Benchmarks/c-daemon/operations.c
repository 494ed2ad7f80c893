#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "csysgenid.h"
#include "daemon.h"

static void prepare(void *unused, struct fuse_conn_info *connection) {
    (void)unused;
    connection->want &= ~(unsigned)FUSE_CAP_ATOMIC_O_TRUNC;
    connection->max_write = 4096;
}

static void open_watcher(fuse_req_t request, fuse_ino_t node, struct fuse_file_info *file) {
    (void)node;
    (void)file;
    // fuse_reply_open of libfuse 3.14 knows no backing id.
    struct csysgenid_fuse_open_out reply = {
        .fh = add_watcher(),
        .open_flags = CSYSGENID_FOPEN_DIRECT_IO | CSYSGENID_FOPEN_PASSTHROUGH
                      | CSYSGENID_FOPEN_PARALLEL_DIRECT_WRITES | CSYSGENID_FOPEN_NOFLUSH,
        .backing_id = backing,
    };
    if (fuse_reply_buf(request, (const char *)&reply, sizeof reply) != 0)
        remove_watcher(reply.fh);
}

static void read_generation(
    fuse_req_t request, fuse_ino_t node, size_t count, off_t offset, struct fuse_file_info *file) {
    (void)node;
    (void)offset;
    if (count < sizeof current)
        fuse_reply_err(request, EINVAL);
    else if (find_watcher(file->fh)->acknowledged != current)
        fuse_reply_buf(request, (const char *)&current, sizeof current);
    else if (file->flags & O_NONBLOCK)
        fuse_reply_err(request, EAGAIN);
    else
        park_read(request);
}

static void acknowledge(
    fuse_req_t request, fuse_ino_t node, const char *bytes, size_t count, off_t offset, struct fuse_file_info *file) {
    (void)node;
    (void)offset;
    uint32_t generation;
    if (count != sizeof generation) {
        fuse_reply_err(request, ENOBUFS);
        return;
    }
    memcpy(&generation, bytes, sizeof generation);
    if (generation != current) {
        fuse_reply_err(request, EINVAL);
        return;
    }
    find_watcher(file->fh)->acknowledged = generation;
    fuse_reply_write(request, count);
}

static void poll_watcher(
    fuse_req_t request, fuse_ino_t node, struct fuse_file_info *file, struct fuse_pollhandle *poll_handle) {
    (void)node;
    struct watcher *watcher = find_watcher(file->fh);
    if (poll_handle) {
        if (watcher->poll_handle)
            fuse_pollhandle_destroy(watcher->poll_handle);
        watcher->poll_handle = poll_handle;
    }
    fuse_reply_poll(request, watcher->acknowledged == current ? 0 : POLLIN | POLLRDNORM);
}

static bool may_trigger(pid_t thread) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = thread};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
    if (syscall(SYS_capget, &header, data) != 0)
        return false;
    uint64_t effective = (uint64_t)data[1].effective << 32 | data[0].effective;
    return effective & (1ull << CAP_SYS_ADMIN | 1ull << CAP_CHECKPOINT_RESTORE);
}

static void control(
    fuse_req_t request, fuse_ino_t node, unsigned command, void *word, struct fuse_file_info *file, unsigned flags,
    const void *bytes, size_t byte_count, size_t room) {
    (void)node;
    (void)flags;
    (void)bytes;
    (void)byte_count;
    (void)room;
    switch (command) {
    case SYSGENID_SET_WATCHER_TRACKING:
        find_watcher(file->fh)->is_tracked = word != NULL;
        fuse_reply_ioctl(request, 0, NULL, 0);
        break;
    case SYSGENID_V4_GET_OUTDATED_WATCHERS:
        fuse_reply_ioctl(request, (int)count_outdated(), NULL, 0);
        break;
    case SYSGENID_TRIGGER_GEN_UPDATE:
    case SYSGENID_V4_FORCE_GEN_UPDATE:
        if (!may_trigger(fuse_req_ctx(request)->pid)) {
            fuse_reply_err(request, EACCES);
            break;
        }
        change_generation((uint32_t)(uintptr_t)word);
        fuse_reply_ioctl(request, 0, NULL, 0);
        break;
    default:
        // Waiting for watchers is not measured.
        fuse_reply_err(request, EINVAL);
    }
}

static void release_watcher(fuse_req_t request, fuse_ino_t node, struct fuse_file_info *file) {
    (void)node;
    remove_watcher(file->fh);
    fuse_reply_err(request, 0);
}

static void get_attributes(fuse_req_t request, fuse_ino_t node, struct fuse_file_info *file) {
    (void)file;
    struct stat status = {.st_ino = node, .st_mode = S_IFREG | 0664, .st_nlink = 1, .st_size = 4096};
    fuse_reply_attr(request, &status, 3600);
}

const unsigned long mount_flags = 0;

const struct fuse_lowlevel_ops operations = {
    .init = prepare,
    .open = open_watcher,
    .read = read_generation,
    .write = acknowledge,
    .poll = poll_watcher,
    .ioctl = control,
    .release = release_watcher,
    .getattr = get_attributes,
};
