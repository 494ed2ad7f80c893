#define _GNU_SOURCE
#include "csysgenid.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <linux/capability.h>
#include <linux/futex.h>
#include <linux/ioctl.h>
#include <linux/magic.h>
#include <linux/major.h>
#include <linux/netlink.h>
#include <linux/random.h>
#include <linux/vm_sockets.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

// What the kernel and the interface fix, checked where it is compiled.
static_assert(SYSGENID_SET_WATCHER_TRACKING == 0xe401, "v8 requests");
static_assert(SYSGENID_V4_GET_OUTDATED_WATCHERS == 0x2d01, "v4 requests");
static_assert(CSYSGENID_O_NOATIME == O_NOATIME, "O_NOATIME");
static_assert(CSYSGENID_O_PATH == O_PATH, "O_PATH");
static_assert(sizeof(struct csysgenid_fuse_init_in) == 64, "fuse_init_in");
static_assert(sizeof(struct csysgenid_fuse_init_out) == 64, "fuse_init_out");
static_assert(offsetof(struct csysgenid_fuse_init_out, flags2) == 32, "fuse_init_out.flags2");
static_assert(offsetof(struct csysgenid_fuse_init_out, max_stack_depth) == 36, "fuse_init_out.max_stack_depth");
static_assert(sizeof(struct csysgenid_fuse_in_header) == 40, "fuse_in_header");
static_assert(sizeof(struct csysgenid_fuse_out_header) == 16, "fuse_out_header");
static_assert(sizeof(struct csysgenid_fuse_open_out) == 16, "fuse_open_out");
static_assert(sizeof(struct csysgenid_fuse_poll_in) == 24, "fuse_poll_in");

int csysgenid_ioctl(int fd, unsigned long request, unsigned long word) {
    return ioctl(fd, request, word);
}

int csysgenid_ioctl_pointer(int fd, unsigned long request, void *argument) {
    return ioctl(fd, request, argument);
}

int csysgenid_sealed_size_memfd(const char *name, size_t size) {
    int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0)
        return -1;
    if (ftruncate(fd, (off_t)size) == 0 && fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0)
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

int csysgenid_enter_mount_namespace(int fd) {
    return unshare(CLONE_FS) == 0 ? setns(fd, CLONE_NEWNS) : -1;
}

int csysgenid_make_files_as(unsigned int user, unsigned int group) {
    // They return what was before, whether they fail or not; a number that none has changes nothing.
    setfsgid(group);
    setfsuid(user);
    if ((unsigned int)setfsgid((gid_t)-1) == group && (unsigned int)setfsuid((uid_t)-1) == user)
        return 0;
    errno = EPERM;
    return -1;
}

int csysgenid_look_at(const char *path, struct csysgenid_place *place) {
    struct statx status;
    int flags = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC;
    if (statx(AT_FDCWD, path, flags, STATX_TYPE | STATX_MODE, &status) != 0)
        return -1;
    *place = (struct csysgenid_place){
        .mode = status.stx_mode,
        .file_system_major = status.stx_dev_major,
        .file_system_minor = status.stx_dev_minor,
        .device_major = status.stx_rdev_major,
        .device_minor = status.stx_rdev_minor,
    };
    return 0;
}

int csysgenid_is_misc_device(int fd) {
    struct stat status;
    return fstat(fd, &status) == 0 && S_ISCHR(status.st_mode) && major(status.st_rdev) == MISC_MAJOR;
}

int csysgenid_is_in_memory(int fd) {
    struct statfs status;
    return fstatfs(fd, &status) == 0 && status.f_type == TMPFS_MAGIC;
}

int csysgenid_has_sealed_size(int fd, size_t size) {
    struct stat status;
    if (fstat(fd, &status) != 0 || status.st_size != (off_t)size)
        return 0;
    int seals = fcntl(fd, F_GET_SEALS);
    return seals >= 0 && (seals & F_SEAL_SHRINK);
}

ssize_t csysgenid_send_descriptor(
    int socket_fd, const void *address, size_t address_size, const void *message, size_t size, int fd) {
    struct iovec vector = {(void *)message, size};
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof fd)];
    } control = {0};
    struct msghdr datagram = {
        .msg_name = (void *)address, .msg_namelen = (socklen_t)address_size, .msg_iov = &vector, .msg_iovlen = 1,
        .msg_control = &control, .msg_controllen = sizeof control};
    struct cmsghdr *rights = CMSG_FIRSTHDR(&datagram);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof fd);
    memcpy(CMSG_DATA(rights), &fd, sizeof fd);
    return sendmsg(socket_fd, &datagram, MSG_NOSIGNAL);
}

void csysgenid_name_this_thread(const char *name) {
    pthread_setname_np(pthread_self(), name);
}

int csysgenid_add_entropy(int random_fd, const void *bytes, size_t size, int credited_bits) {
    union {
        struct rand_pool_info information;
        char space[sizeof(struct rand_pool_info) + CSYSGENID_ENTROPY_LIMIT];
    } request;
    if (size > CSYSGENID_ENTROPY_LIMIT) {
        errno = EINVAL;
        return -1;
    }
    request.information.entropy_count = credited_bits;
    request.information.buf_size = (int)size;
    memcpy(request.information.buf, bytes, size);
    int result = ioctl(random_fd, RNDADDENTROPY, &request);
    // A later snapshot must not hold what the pool was made from.
    explicit_bzero(&request, sizeof request);
    return result;
}

int csysgenid_reseed_kernel(int random_fd) {
    return ioctl(random_fd, RNDRESEEDCRNG);
}

void csysgenid_advance(uint32_t *word) {
    __atomic_add_fetch(word, 1, __ATOMIC_ACQ_REL);
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT_MAX);
}

int csysgenid_wait_past(uint32_t *word, uint32_t seen, uint64_t moment) {
    struct timespec end = {.tv_sec = (time_t)(moment / 1000000000), .tv_nsec = (long)(moment % 1000000000)};
    struct timespec *limit = moment == UINT64_MAX ? NULL : &end;
    long result = syscall(SYS_futex, word, FUTEX_WAIT_BITSET_PRIVATE, seen, limit, NULL, FUTEX_BITSET_MATCH_ANY);
    return result < 0 ? errno : 0;
}

_Thread_local void *csysgenid_thread_value;

ssize_t csysgenid_read(int fd, void *buffer, size_t size) {
    return syscall(SYS_read, fd, buffer, size);
}

ssize_t csysgenid_write(int fd, const void *bytes, size_t size) {
    return syscall(SYS_write, fd, bytes, size);
}

int csysgenid_open_link(const char *path) {
    return open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
}

int csysgenid_fuse_backing_open(int fuse_fd, int file_fd) {
    struct {
        int32_t fd;
        uint32_t flags;
        uint64_t padding;
    } map = {.fd = file_fd};
    return ioctl(fuse_fd, _IOW(229, 1, typeof(map)), &map);
}

int csysgenid_fuse_backing_close(int fuse_fd, int32_t id) {
    return ioctl(fuse_fd, _IOW(229, 2, uint32_t), &id);
}

int csysgenid_capabilities(pid_t thread, uint64_t *effective, uint64_t *permitted) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = thread};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
    if (syscall(SYS_capget, &header, data) != 0)
        return -1;
    *effective = (uint64_t)data[1].effective << 32 | data[0].effective;
    *permitted = (uint64_t)data[1].permitted << 32 | data[0].permitted;
    return 0;
}

int csysgenid_keep_capabilities(uint64_t kept) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
    if (syscall(SYS_capget, &header, data) != 0)
        return -1;
    for (int half = 0; half < _LINUX_CAPABILITY_U32S_3; half++) {
        data[half].effective &= (uint32_t)(kept >> 32 * half);
        data[half].permitted &= (uint32_t)(kept >> 32 * half);
        // The ambient set is never larger than this one.
        data[half].inheritable = 0;
    }
    return (int)syscall(SYS_capset, &header, data);
}

int csysgenid_empty_bounding_set(void) {
    // The first that the kernel does not know is the end: they are numbered without gaps.
    for (unsigned long capability = 0;; capability++) {
        if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0)
            continue;
        if (errno == EINVAL)
            return 0;
        // Without CAP_SETPCAP all are refused, also where there is nothing to give up.
        int error = errno;
        int is_there = prctl(PR_CAPBSET_READ, capability, 0, 0, 0);
        if (is_there < 0)
            return errno == EINVAL ? 0 : -1;
        if (is_there == 1) {
            errno = error;
            return -1;
        }
    }
}

int csysgenid_set_no_new_privileges(void) {
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

// Sanitizers keep marks between variables, which are no variables themselves.
__attribute__((no_sanitize("address", "thread"))) static int touch_object(
    struct dl_phdr_info *object, size_t size, void *unused) {
    (void)size, (void)unused;
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    for (size_t index = 0; index < object->dlpi_phnum; index++) {
        const ElfW(Phdr) *part = &object->dlpi_phdr[index];
        if (part->p_type != PT_LOAD || !(part->p_flags & PF_R))
            continue;
        uintptr_t start = object->dlpi_addr + part->p_vaddr;
        for (uintptr_t address = start & -page; address < start + part->p_memsz; address += page)
            (void)*(const volatile char *)address;
    }
    return 0;
}

void csysgenid_touch_program(void) {
    dl_iterate_phdr(touch_object, NULL);
}

int csysgenid_open_bare(const char *directory) {
    enum { clone_tree = 1 };
    return (int)syscall(SYS_open_tree, AT_FDCWD, directory, clone_tree | O_CLOEXEC);
}

int csysgenid_replace_page(void *old, void *page, size_t size) {
    return mremap(page, 0, size, MREMAP_MAYMOVE | MREMAP_FIXED, old) == MAP_FAILED ? -1 : 0;
}

int csysgenid_replace_file(int fd, int other) {
    return dup3(other, fd, O_CLOEXEC);
}

int csysgenid_output_pipe(int *reading_end, int *writing_end) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return -1;
    *reading_end = ends[0];
    *writing_end = ends[1];
    return fcntl(ends[0], F_SETFL, O_NONBLOCK);
}

int csysgenid_spawn_alone(posix_spawn_file_actions_t *actions, const char *directory) {
    int result = posix_spawn_file_actions_addchdir_np(actions, directory);
    return result != 0 ? result : posix_spawn_file_actions_addclosefrom_np(actions, STDERR_FILENO + 1);
}

int csysgenid_wake_signal(void) {
    return SIGRTMIN + 1;
}

static void ignore_wake(int signal) {
    (void)signal;
}

int csysgenid_install_wake_handler(void) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = ignore_wake;
    return sigaction(csysgenid_wake_signal(), &action, NULL);
}

int csysgenid_rearm_clock_set_notice(int fd) {
    // Ten years from now: the timer itself must never expire.
    struct itimerspec never = {.it_value.tv_sec = time(NULL) + 315360000};
    return timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL);
}

int csysgenid_clock_set_notice(void) {
    int fd = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
    if (fd < 0 || csysgenid_rearm_clock_set_notice(fd) == 0)
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

int csysgenid_open_uevents(void) {
    int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);
    if (fd < 0)
        return -1;
    struct sockaddr_nl kernel_group = {.nl_family = AF_NETLINK, .nl_groups = 1};
    if (bind(fd, (struct sockaddr *)&kernel_group, sizeof kernel_group) == 0)
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

ssize_t csysgenid_receive_uevent(int fd, void *buffer, size_t size) {
    struct sockaddr_nl sender = {0};
    struct iovec vector = {buffer, size};
    struct msghdr message = {
        .msg_name = &sender, .msg_namelen = sizeof sender, .msg_iov = &vector, .msg_iovlen = 1};
    ssize_t length = recvmsg(fd, &message, 0);
    if (length < 0)
        return -1;
    return sender.nl_pid == 0 && !(message.msg_flags & MSG_TRUNC) ? length : 0;
}

int csysgenid_accept(int fd) {
    return accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

int csysgenid_peer(int fd, uint32_t *user, uint32_t *group, int32_t *process) {
    struct ucred peer;
    socklen_t size = sizeof peer;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return -1;
    *user = peer.uid;
    *group = peer.gid;
    *process = peer.pid;
    return 0;
}

socklen_t csysgenid_vsock_address(struct sockaddr_storage *address, uint32_t context, uint32_t port) {
    struct sockaddr_vm name = {.svm_family = AF_VSOCK, .svm_cid = context, .svm_port = port};
    memcpy(address, &name, sizeof name);
    return sizeof name;
}

int csysgenid_vsock_peer(int fd, uint32_t *context) {
    struct sockaddr_vm name;
    socklen_t size = sizeof name;
    if (getpeername(fd, (struct sockaddr *)&name, &size) != 0) return -1;
    *context = name.svm_cid;
    return 0;
}

int csysgenid_vsock_connect_within(int fd, uint64_t milliseconds) {
    struct timeval time = {.tv_sec = (time_t)(milliseconds / 1000), .tv_usec = (suseconds_t)(milliseconds % 1000 * 1000)};
    return setsockopt(fd, AF_VSOCK, SO_VM_SOCKETS_CONNECT_TIMEOUT, &time, sizeof time);
}
