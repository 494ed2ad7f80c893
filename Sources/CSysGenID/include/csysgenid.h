// The little C that Swift cannot say: macros with types, variadic functions, layouts, fork.
#ifndef CSYSGENID_H
#define CSYSGENID_H

#include <stddef.h>
#include <spawn.h>
#include <stdint.h>
// Headers that the C library's module map lacks.
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/types.h>
#include <sys/xattr.h>

#include "linux/sysgenid.h"

// The ioctl numbers, which Swift cannot import from function-like macros.
enum csysgenid_request {
    CSYSGENID_SET_WATCHER_TRACKING = SYSGENID_SET_WATCHER_TRACKING,
    CSYSGENID_WAIT_WATCHERS = SYSGENID_WAIT_WATCHERS,
    CSYSGENID_TRIGGER_GEN_UPDATE = SYSGENID_TRIGGER_GEN_UPDATE,
    CSYSGENID_V4_GET_OUTDATED_WATCHERS = SYSGENID_V4_GET_OUTDATED_WATCHERS,
    CSYSGENID_V4_WAIT_WATCHERS = SYSGENID_V4_WAIT_WATCHERS,
    CSYSGENID_V4_FORCE_GEN_UPDATE = SYSGENID_V4_FORCE_GEN_UPDATE,
};

// Not to change the time of access, of open(2), which the C library shows only where it is asked to.
enum { CSYSGENID_O_NOATIME = 01000000 };

// O_PATH, which the headers hide as well.
enum { CSYSGENID_O_PATH = 010000000 };

// The number of rt_sigtimedwait(2), another one on each architecture.
enum { CSYSGENID_SIGTIMEDWAIT = SYS_rt_sigtimedwait };

// ioctl(2) with the argument word by value. Returns the result, or -1 and errno.
int csysgenid_ioctl(int fd, unsigned long request, unsigned long word);

// ioctl(2) with a pointer argument. Returns the result, or -1 and errno.
int csysgenid_ioctl_pointer(int fd, unsigned long request, void *argument);

// memfd_create(2) with a size that is sealed and can never change. Returns a descriptor, or -1 and errno.
int csysgenid_sealed_size_memfd(const char *name, size_t size);

// Puts the calling thread, and no other, into a mount namespace: unshare(2), setns(2). Returns 0, or -1 and errno.
int csysgenid_enter_mount_namespace(int fd);

// Has the calling thread, and no other, make files as this user and group: setfsuid(2), setfsgid(2). Returns 0, or -1 and
// errno.
int csysgenid_make_files_as(unsigned int user, unsigned int group);

// Whether the descriptor is a character device that a driver of the kernel has registered by itself: misc, of the major
// number 10.
int csysgenid_is_misc_device(int fd);

// Takes a connection, close-on-exec and non-blocking, of a socket that listens: accept4(2). Returns a descriptor, or -1 and
// errno.
int csysgenid_accept(int fd);

// Who has connected a socket of unix(7), as of that moment: SO_PEERCRED. Returns 0, or -1 and errno.
int csysgenid_peer(int fd, uint32_t *user, uint32_t *group, int32_t *process);

// Any context and any port of vsock(7) as an address: VMADDR_CID_ANY is the largest number. Returns its length.
socklen_t csysgenid_vsock_address(struct sockaddr_storage *address, uint32_t context, uint32_t port);

// The context at the far end of a socket of vsock(7). Returns 0, or -1 and errno.
int csysgenid_vsock_peer(int fd, uint32_t *context);

// How long connect(2) may take on a socket of vsock(7), which knows no SO_SNDTIMEO there. Returns 0, or -1 and errno.
int csysgenid_vsock_connect_within(int fd, uint64_t milliseconds);

// Whether the descriptor is a file that lies in memory alone, in tmpfs(5).
int csysgenid_is_in_memory(int fd);

// Whether the descriptor is an anonymous file of this size that nobody can make shorter, so that a mapping of it is
// whole. See fcntl(2), F_GET_SEALS.
int csysgenid_has_sealed_size(int fd, size_t size);

// Sends a message by a datagram socket to an address, with a descriptor. See sendmsg(2), SCM_RIGHTS. Returns the
// number of bytes sent, or -1 and errno.
ssize_t csysgenid_send_descriptor(
    int socket_fd, const void *address, size_t address_size, const void *message, size_t size, int fd);

// pthread_setname_np(3) for the calling thread.
void csysgenid_name_this_thread(const char *name);

// How many bytes csysgenid_add_entropy takes at most.
enum { CSYSGENID_ENTROPY_LIMIT = 256 };

// RNDADDENTROPY on an open /dev/urandom (random(4)): mixes the bytes into the kernel's random pool, and has it count so
// many bits of entropy for them. Returns 0, or -1 and errno.
int csysgenid_add_entropy(int random_fd, const void *bytes, size_t size, int credited_bits);

// RNDRESEEDCRNG on an open /dev/urandom (linux/random.h, kernel 4.14). Returns 0, or -1 and errno.
int csysgenid_reseed_kernel(int random_fd);

// Adds one to the word and wakes all that wait for another number than it had; waits until it has another one, or until the
// moment of the monotonic clock in nanoseconds, where UINT64_MAX is never. See futex(2), FUTEX_WAKE and FUTEX_WAIT_BITSET.
// The wait returns 0 or an error.
void csysgenid_advance(uint32_t *word);
int csysgenid_wait_past(uint32_t *word, uint32_t seen, uint64_t moment);

// read(2) and write(2) that are no cancellation points (pthreads(7)): those of glibc cost a process with threads two
// locked instructions each.
ssize_t csysgenid_read(int fd, void *buffer, size_t size);
ssize_t csysgenid_write(int fd, const void *bytes, size_t size);

// A symbolic link itself, to be asked by readlinkat(2) with an empty path what it says. See open(2), O_PATH. Returns a
// descriptor, or -1 and errno.
int csysgenid_open_link(const char *path);

// What is at a path: the mode, the file system that it is in, and what the node of a device stands for.
struct csysgenid_place {
    uint32_t mode;
    uint32_t file_system_major, file_system_minor;
    uint32_t device_major, device_minor;
};

// Looks what is at the path, without a question to whoever serves it and without following a symbolic link there. See
// statx(2), AT_STATX_DONT_SYNC. Returns 0, or -1 and errno.
int csysgenid_look_at(const char *path, struct csysgenid_place *place);

// FUSE_DEV_IOC_BACKING_OPEN (linux/fuse.h, kernel 6.9): makes file_fd the backing file of passthrough
// opens. Returns the backing id, which is positive, or -1 and errno.
int csysgenid_fuse_backing_open(int fuse_fd, int file_fd);

// Gives the id up again: FUSE_DEV_IOC_BACKING_CLOSE of linux/fuse.h (6.9). What is open goes on.
int csysgenid_fuse_backing_close(int fuse_fd, int32_t id);

// A timer on the clock that people set, far in the future: it becomes readable when the clock is set. See
// timerfd_create(2), TFD_TIMER_CANCEL_ON_SET. Returns a descriptor, or -1 and errno.
int csysgenid_clock_set_notice(void);

// Makes the notice unreadable again, for the next time. Returns 0, or -1 and errno.
int csysgenid_rearm_clock_set_notice(int fd);

// A socket that receives the kernel's uevents. See netlink(7), NETLINK_KOBJECT_UEVENT. Returns a
// descriptor, or -1 and errno.
int csysgenid_open_uevents(void);

// Receives one uevent without waiting. Returns its length; 0 for a message that is not the kernel's or does
// not fit; or -1 and errno.
ssize_t csysgenid_receive_uevent(int fd, void *buffer, size_t size);

// capget(2) of a thread in this process's pid namespace: the sets as 64 bits each. Returns 0, or -1 and errno.
int csysgenid_capabilities(pid_t thread, uint64_t *effective, uint64_t *permitted);

// capset(2) of the calling thread: takes all capabilities but these. Returns 0, or -1 and errno.
int csysgenid_keep_capabilities(uint64_t kept);

// PR_CAPBSET_DROP of prctl(2) for all capabilities, of the calling thread. Returns 0, or -1 and errno.
int csysgenid_empty_bounding_set(void);

// PR_SET_NO_NEW_PRIVS of prctl(2), of the calling thread. Returns 0, or -1 and errno.
int csysgenid_set_no_new_privileges(void);

// Looks at each page that the program and its libraries are mapped to.
void csysgenid_touch_program(void);

// A pointer that each thread has for itself, NULL at its start: one instruction, where pthread_getspecific(3) is a call.
static inline void *csysgenid_of_this_thread(void) {
    extern _Thread_local void *csysgenid_thread_value;
    return csysgenid_thread_value;
}

static inline void csysgenid_set_of_this_thread(void *value) {
    extern _Thread_local void *csysgenid_thread_value;
    csysgenid_thread_value = value;
}

// Loads and stores of an aligned word that other processes map.
static inline uint32_t csysgenid_load_acquire(const volatile uint32_t *word) {
    return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

static inline void csysgenid_store_release(volatile uint32_t *word, uint32_t value) {
    __atomic_store_n(word, value, __ATOMIC_RELEASE);
}

static inline uint64_t csysgenid_load_acquire_64(const volatile uint64_t *word) {
    return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

static inline void csysgenid_store_release_64(volatile uint64_t *word, uint64_t value) {
    __atomic_store_n(word, value, __ATOMIC_RELEASE);
}

// OPEN_TREE_CLONE of open_tree(2) (5.2), not recursive: a copy of the mount that a directory is in, without what is mounted
// below it, that lives as long as the descriptor. Returns that, close-on-exec, or -1 and errno.
int csysgenid_open_bare(const char *directory);

// Maps a shared page a second time, in the place of another: mremap(2), with MREMAP_FIXED and the old size 0. Returns 0,
// or -1 and errno.
int csysgenid_replace_page(void *old, void *page, size_t size);

// Puts the open file of another descriptor in the place of the one that the number has, close-on-exec: dup3(2). Returns
// the number, or -1 and errno.
int csysgenid_replace_file(int fd, int other);

// A pipe whose ends are close-on-exec, and whose reading end never waits: pipe2(2). Returns 0, or -1 and errno.
int csysgenid_output_pipe(int *reading_end, int *writing_end);

// Lets a program that is spawned start in this directory, and have no descriptor but the standard streams:
// posix_spawn_file_actions_addchdir_np(3), addclosefrom_np(3). Returns 0, or an error.
int csysgenid_spawn_alone(posix_spawn_file_actions_t *actions, const char *directory);

// The signal with which a thread that is blocked in a system call is woken. Its handler does nothing.
int csysgenid_wake_signal(void);

// Installs the handler of the wake signal, without SA_RESTART. Returns 0, or -1 and errno.
int csysgenid_install_wake_handler(void);

// FUSE_INIT as the kernel sends and expects it (linux/fuse.h, protocol 7.43), since the headers of
// Debian 12 do not have the last fields.
struct csysgenid_fuse_init_in {
    uint32_t major;
    uint32_t minor;
    uint32_t max_readahead;
    uint32_t flags;
    uint32_t flags2;
    uint32_t unused[11];
};

struct csysgenid_fuse_init_out {
    uint32_t major;
    uint32_t minor;
    uint32_t max_readahead;
    uint32_t flags;
    uint16_t max_background;
    uint16_t congestion_threshold;
    uint32_t max_write;
    uint32_t time_gran;
    uint16_t max_pages;
    uint16_t map_alignment;
    uint32_t flags2;
    uint32_t max_stack_depth;
    uint16_t request_timeout;
    uint16_t unused[11];
};

// CUSE_INIT's reply, of which the name of the device follows.
struct csysgenid_cuse_init_out {
    uint32_t major;
    uint32_t minor;
    uint32_t unused;
    uint32_t flags;
    uint32_t max_read;
    uint32_t max_write;
    uint32_t dev_major;
    uint32_t dev_minor;
    uint32_t spare[10];
};

struct csysgenid_fuse_in_header {
    uint32_t len;
    uint32_t opcode;
    uint64_t unique;
    uint64_t nodeid;
    uint32_t uid;
    uint32_t gid;
    uint32_t pid;
    uint16_t total_extlen;
    uint16_t padding;
};

struct csysgenid_fuse_out_header {
    uint32_t len;
    int32_t error;
    uint64_t unique;
};

struct csysgenid_fuse_open_out {
    uint64_t fh;
    uint32_t open_flags;
    int32_t backing_id;
};

// FUSE_READ as the kernel sends it, behind the header.
struct csysgenid_fuse_read_in {
    uint64_t fh;
    uint64_t offset;
    uint32_t size;
    uint32_t read_flags;
    uint64_t lock_owner;
    uint32_t flags;
    uint32_t padding;
};

// FUSE_GETATTR as the kernel sends it, behind the header.
struct csysgenid_fuse_getattr_in {
    uint32_t getattr_flags;
    uint32_t dummy;
    uint64_t fh;
};

// FUSE_POLL as the kernel sends it, behind the header.
struct csysgenid_fuse_poll_in {
    uint64_t fh;
    uint64_t kh;
    uint32_t flags;
    uint32_t events;
};

enum {
    CSYSGENID_FUSE_LOOKUP = 1,
    CSYSGENID_FUSE_FORGET = 2,
    CSYSGENID_FUSE_GETATTR = 3,
    CSYSGENID_FUSE_SETATTR = 4,
    CSYSGENID_FUSE_MKDIR = 9,
    CSYSGENID_FUSE_RMDIR = 11,
    CSYSGENID_FUSE_OPEN = 14,
    CSYSGENID_FUSE_READ = 15,
    CSYSGENID_FUSE_WRITE = 16,
    CSYSGENID_FUSE_RELEASE = 18,
    CSYSGENID_FUSE_SETXATTR = 21,
    CSYSGENID_FUSE_GETXATTR = 22,
    CSYSGENID_FUSE_INIT = 26,
    CSYSGENID_FUSE_READDIR = 28,
    CSYSGENID_FUSE_INTERRUPT = 36,
    CSYSGENID_FUSE_IOCTL = 39,
    CSYSGENID_FUSE_POLL = 40,
    CSYSGENID_FUSE_BATCH_FORGET = 42,
    CSYSGENID_CUSE_INIT = 4096,

    // Notifications: what stands in the header's field of errors.
    CSYSGENID_FUSE_NOTIFY_POLL = 1,
    CSYSGENID_FUSE_NOTIFY_RESEND = 7,

    // Bits of the lower and of the upper word of flags in FUSE_INIT.
    CSYSGENID_FUSE_INIT_EXT = 1 << 30,
    CSYSGENID_FUSE_DIRECT_IO_ALLOW_MMAP = 1 << 4,
    CSYSGENID_FUSE_PASSTHROUGH = 1 << 5,
    CSYSGENID_FUSE_REQUEST_TIMEOUT = 1 << 10,

    CSYSGENID_FUSE_GETATTR_FH = 1 << 0,
    CSYSGENID_FUSE_READ_LOCKOWNER = 1 << 1,

    CSYSGENID_FOPEN_DIRECT_IO = 1 << 0,
    CSYSGENID_FOPEN_KEEP_CACHE = 1 << 1,
    CSYSGENID_FOPEN_STREAM = 1 << 4,
    CSYSGENID_FOPEN_NOFLUSH = 1 << 5,
    CSYSGENID_FOPEN_PARALLEL_DIRECT_WRITES = 1 << 6,
    CSYSGENID_FOPEN_PASSTHROUGH = 1 << 7,
};

#endif
