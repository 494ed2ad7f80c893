// usage: c-daemon PATH     serves the device at the path until SIGTERM

#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon.h"

uint32_t current;
volatile uint32_t *page;
int page_file;

// One message of the kernel, which wants room for at least this much (FUSE_MIN_READ_BUFFER in linux/fuse.h).
static char message[8192];

static _Noreturn void fail(const char *what) {
    perror(what);
    exit(1);
}

static void make_page(void) {
    page_file = memfd_create("sysgenid", MFD_CLOEXEC);
    if (page_file < 0 || ftruncate(page_file, 4096) != 0)
        fail("memfd_create");
    page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, page_file, 0);
    if (page == MAP_FAILED)
        fail("mmap");
}

// Mounts the connection over the file, which is made where it is missing.
static int mount_over(const char *path) {
    int connection = open("/dev/fuse", O_RDWR | O_CLOEXEC);
    int placeholder = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (connection < 0 || placeholder < 0)
        fail(path);
    close(placeholder);
    char options[128];
    snprintf(options, sizeof options, "fd=%d,rootmode=100000,user_id=0,group_id=0,allow_other,default_permissions",
             connection);
    if (mount("sysgenid", path, "fuse.sysgenid", MS_NOSUID | MS_NODEV | MS_NOEXEC | mount_flags, options) != 0)
        fail("mount");
    return connection;
}

// Says that the device can be opened. See sd_notify(3).
static void notify_ready(void) {
    const char *name = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (!name || strlen(name) >= sizeof address.sun_path)
        return;
    memcpy(address.sun_path, name, strlen(name));
    if (name[0] == '@')
        address.sun_path[0] = '\0';
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sendto(fd, "READY=1", 7, 0, (struct sockaddr *)&address, (socklen_t)(sizeof address.sun_family + strlen(name)));
    close(fd);
}

int main(int argc, char **argv) {
    if (argc != 2)
        return 2;
    make_page();
    char *words[] = {argv[0], NULL};
    struct fuse_args arguments = FUSE_ARGS_INIT(1, words);
    struct fuse_session *session = fuse_session_new(&arguments, &operations, sizeof operations, NULL);
    if (!session || fuse_set_signal_handlers(session) != 0)
        return 1;
    int replies = begin_replies(session);
    if (replies < 0)
        fail("the socket for the handshake");
    int connection = mount_over(argv[1]);
    while (!fuse_session_exited(session)) {
        ssize_t count = read(connection, message, sizeof message);
        if (count <= 0)
            continue;
        struct fuse_buf buffer = {.mem = message, .size = (size_t)count};
        fuse_session_process_buf(session, &buffer);
        if (backing)
            continue;
        if (!complete_handshake(replies, connection))
            fail("the handshake");
        notify_ready();
        printf("serving %s\n", argv[1]);
        fflush(stdout);
    }
    umount2(argv[1], MNT_DETACH);
    unlink(argv[1]);
    fuse_session_destroy(session);
    return 0;
}
