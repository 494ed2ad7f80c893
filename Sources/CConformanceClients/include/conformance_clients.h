// Clients of the device as any C program would write them: they know linux/sysgenid.h and POSIX, and
// nothing else of this project. The processes, users and capabilities that such clients come in are here,
// too, since Swift cannot fork.
#ifndef CONFORMANCE_CLIENTS_H
#define CONFORMANCE_CLIENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
// A header that the C library's module map lacks.
#include <sys/epoll.h>
#include <sys/types.h>

#include "linux/sysgenid.h"

// O_DIRECT of open(2), which is not the same number on each processor.
extern const int client_direct;

enum client_outcome {
    // The operation returned the value.
    CLIENT_RESULT,
    // The operation returned four bytes, which are the value.
    CLIENT_GENERATION,
    // The operation failed; the value is errno.
    CLIENT_FAILURE,
    // The operation had not ended when its time was over.
    CLIENT_BLOCKED,
    // The client died of the signal that is the value, or ended without an answer where that is 0.
    CLIENT_DIED,
    // The client could not come as far as the operation; the value is errno.
    CLIENT_UNPREPARED,
};

// What one operation, or one client, answered.
struct client_answer {
    enum client_outcome outcome;
    int64_t value;
};

// The name of an error, as EINVAL; NULL where it has none.
const char *client_error_name(int error);

// Operations on the device, each one system call.

struct client_answer client_open(const char *path, int flags);
struct client_answer client_close(int fd);
struct client_answer client_duplicate(int fd);
struct client_answer client_set_nonblocking(int fd, bool nonblocking);
struct client_answer client_status(int fd);
struct client_answer client_truncate(int fd, off_t length);

struct client_answer client_read(int fd, size_t count);
// As client_read, again where a signal interrupted it.
struct client_answer client_read_retrying(int fd, size_t count);
struct client_answer client_read_at(int fd, size_t count, off_t offset);
// readv(2) into two buffers of the size.
struct client_answer client_read_two_buffers(int fd, size_t size);
// read(2) into memory that nobody may write.
struct client_answer client_read_to_nowhere(int fd);

struct client_answer client_write(int fd, const void *bytes, size_t count);
struct client_answer client_write_at(int fd, const void *bytes, size_t count, off_t offset);
// write(2) of four bytes that nobody may read.
struct client_answer client_write_from_nowhere(int fd);
struct client_answer client_seek(int fd, off_t offset);

struct client_answer client_ioctl(int fd, unsigned long request, unsigned long word);
// As client_ioctl with a pointer to a few zero bytes.
struct client_answer client_ioctl_pointer(int fd, unsigned long request);
// As client_ioctl, from a thread that gave up its capabilities while its process keeps them.
struct client_answer client_ioctl_from_bare_thread(int fd, unsigned long request, unsigned long word);

// poll(2) for every event there is; the events that came, 0 where the time was over.
struct client_answer client_poll(int fd, int milliseconds);
// select(2) for reading; 1 where readable, 0 where the time was over.
struct client_answer client_select(int fd, int milliseconds);
// A new epoll descriptor that watches fd for reading.
struct client_answer client_epoll(int fd, bool edge_triggered);
// epoll_wait(2); the events that came, 0 where the time was over.
struct client_answer client_epoll_wait(int epoll_fd, int milliseconds);

// mmap(2). Result 0 and the address.
struct client_answer client_map(int fd, size_t length, int protection, int flags, off_t offset, void **address);
struct client_answer client_unmap(void *address, size_t length);

// What fills the kernel's cache. A generation where four bytes came.

// splice(2) into a pipe, at the position of the file, or at an offset that is not negative.
struct client_answer client_splice(int fd, size_t count, off_t offset);
// sendfile(2) into a pipe.
struct client_answer client_sendfile(int fd, size_t count);
// copy_file_range(2) into a file in memory.
struct client_answer client_copy_range(int fd, size_t count);
struct client_answer client_readahead(int fd, size_t count);
// posix_fadvise(2) of the whole file.
struct client_answer client_advise(int fd, int advice);

// What is done meanwhile.

// So many reads of four bytes at once by io_submit(2), each with a thread and a context of its own. The generation
// that all have got, or the first failure; -1 where they differ.
struct client_answer client_read_asynchronously(int fd, size_t count);

// Why there is no io_uring(7) here; 0 where there is.
int client_ring_obstacle(void);
// Operations of io_uring, until they are done. `apart` is IOSQE_ASYNC, not to be tried in the caller first.
struct client_answer client_ring_read(int fd, bool apart);
struct client_answer client_ring_write(int fd, uint32_t generation, bool apart);
// The events of IORING_OP_POLL_ADD for reading.
struct client_answer client_ring_poll(int fd);
// The answer of a read that IORING_OP_ASYNC_CANCEL ends.
struct client_answer client_ring_cancel_read(int fd, bool apart);

// Requests that no version of the interface has.
enum client_unknown_request {
    CLIENT_V8_NUMBER_0 = _IO(SYSGENID_IOCTL, 0),
    CLIENT_V8_NUMBER_4 = _IO(SYSGENID_IOCTL, 4),
    CLIENT_V4_NUMBER_0 = _IO(SYSGENID_V4_IOCTL, 0),
    CLIENT_V4_NUMBER_4 = _IO(SYSGENID_V4_IOCTL, 4),
    CLIENT_V4_NUMBER_9 = _IO(SYSGENID_V4_IOCTL, 9),
    CLIENT_OTHER_TYPE = _IO(0xE5, 3),
    CLIENT_SIZED_TRACKING = _IOW(SYSGENID_IOCTL, 1, int),
    CLIENT_SIZED_WAIT = _IOR(SYSGENID_IOCTL, 2, int),
    CLIENT_SIZED_TRIGGER = _IOWR(SYSGENID_IOCTL, 3, unsigned int),
    CLIENT_SIZED_COUNT = _IOR(SYSGENID_V4_IOCTL, 1, int),
    CLIENT_SIZED_FORCE = _IOW(SYSGENID_V4_IOCTL, 3, unsigned int),
    // TCGETS of asm-generic/ioctls.h.
    CLIENT_TERMINAL = 0x5401,
};

// Processes.

// A child and the pipe through which it reports.
struct client_process {
    pid_t pid;
    int pipe;
};

// Starts a child that runs the body and ends. Of the descriptors from 3 up it keeps the pipe and `kept`
// alone, so that it holds no watcher open by chance. It dies with its parent.
// Returns 0, or -1 and errno.
int client_start(
    struct client_process *process, bool own_group, const int *kept, size_t kept_count,
    void (*body)(int pipe, void *context), void *context);

// Here milliseconds are not measured, but counted by the times that this process has slept and was woken: where the
// machine is busy that takes longer, as what is waited for does.

// Waits for bytes that the child sends. Returns how many came, 0 where it closed the pipe, -1 where the
// time was over.
ssize_t client_receive(const struct client_process *process, void *bytes, size_t size, int milliseconds);

// Sends SIGKILL to the child and waits for its end. Returns its wait status, -1 where it did not end.
int client_end(const struct client_process *process, int milliseconds);

// The same for all processes of the child's group. Returns whether all have ended.
bool client_end_group(const struct client_process *process, int milliseconds);

// Makes this process the one that orphaned clients are handed to.
void client_adopt_orphans(void);

// Handles SIGUSR1 by doing nothing, and lets it interrupt system calls.
void client_handle_signal(void);

void client_sleep(int milliseconds);

// Nanoseconds of the monotonic clock.
int64_t client_now(void);

// Identities. Each returns 0, or errno.

enum { CLIENT_NOBODY = 65534 };

// Bits of a set of capabilities (linux/capability.h).
static const uint64_t CLIENT_CAP_SYS_ADMIN = UINT64_C(1) << 21;
static const uint64_t CLIENT_CAP_CHECKPOINT_RESTORE = UINT64_C(1) << 40;

uint64_t client_capabilities(void);
// Gives up all capabilities but the kept ones.
int client_limit_capabilities(uint64_t kept);
// Becomes another user and group, with no capabilities but the kept ones.
int client_become_user(unsigned int id, uint64_t kept);
// Becomes root, with all capabilities, of a new user namespace.
int client_enter_user_namespace(void);
// Allows this many open descriptors.
int client_allow_descriptors(size_t count);

#endif
