// libfuse 3.14 cannot agree with the kernel on passthrough, so the reply to FUSE_INIT is completed on its way out.

#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

#include "csysgenid.h"
#include "daemon.h"

int backing;

static void register_backing(int connection) {
    struct {
        int32_t fd;
        uint32_t flags;
        uint64_t padding;
    } map = {.fd = page_file};
    backing = ioctl(connection, _IOW(229, 1, typeof(map)), &map);
    if (backing > 0)
        return;
    perror("c-daemon: this kernel has no passthrough");
    exit(1);
}

static ssize_t receive(int connection, void *buffer, size_t capacity, void *unused) {
    (void)unused;
    return read(connection, buffer, capacity);
}

static ssize_t send_reply(int connection, struct iovec *vectors, int count, void *unused) {
    (void)unused;
    // The first reply of all is the one to FUSE_INIT.
    if (backing || count != 2 || vectors[1].iov_len != sizeof(struct csysgenid_fuse_init_out))
        return writev(connection, vectors, count);
    struct csysgenid_fuse_init_out *reply = vectors[1].iov_base;
    reply->flags |= CSYSGENID_FUSE_INIT_EXT;
    reply->flags2 |= CSYSGENID_FUSE_DIRECT_IO_ALLOW_MMAP | CSYSGENID_FUSE_PASSTHROUGH;
    reply->max_stack_depth = 1;
    ssize_t sent = writev(connection, vectors, count);
    register_backing(connection);
    return sent;
}

const struct fuse_custom_io transport = {.read = receive, .writev = send_reply};
