// libfuse 3.14 cannot agree with the kernel on passthrough, so the reply to FUSE_INIT is completed on its way out: libfuse
// writes it to a socket, whose place the connection takes then. It takes a descriptor that is open already by its number.

#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/fuse.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "csysgenid.h"
#include "daemon.h"

int backing;

// What libfuse writes to.
static int far_end;

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

int begin_replies(struct fuse_session *session) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return -1;
    char name[32];
    snprintf(name, sizeof name, "/dev/fd/%d", ends[1]);
    if (fuse_session_mount(session, name) != 0)
        return -1;
    far_end = ends[1];
    return ends[0];
}

bool complete_handshake(int replies, int connection) {
    struct {
        struct fuse_out_header header;
        struct csysgenid_fuse_init_out body;
    } reply;
    if (read(replies, &reply, sizeof reply) != sizeof reply)
        return false;
    reply.body.flags |= CSYSGENID_FUSE_INIT_EXT;
    reply.body.flags2 |= CSYSGENID_FUSE_DIRECT_IO_ALLOW_MMAP | CSYSGENID_FUSE_PASSTHROUGH;
    reply.body.max_stack_depth = 1;
    if (write(connection, &reply, sizeof reply) != sizeof reply)
        return false;
    register_backing(connection);
    close(replies);
    return dup3(connection, far_end, O_CLOEXEC) == far_end;
}
