// What fills the kernel's cache of a file, where the kernel has one of it.
#define _GNU_SOURCE
#include "conformance_clients.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <unistd.h>

static struct client_answer answer(int64_t result) {
    if (result == -1) return (struct client_answer){CLIENT_FAILURE, errno};
    return (struct client_answer){CLIENT_RESULT, result};
}

// The answer of a call that has moved bytes into a pipe, which is closed.
static struct client_answer answer_of_pipe(ssize_t moved, const int ends[2]) {
    struct client_answer result = answer(moved);
    uint32_t generation;
    if (moved == sizeof generation && read(ends[0], &generation, sizeof generation) == sizeof generation) {
        result = (struct client_answer){CLIENT_GENERATION, generation};
    }
    close(ends[0]);
    close(ends[1]);
    return result;
}

struct client_answer client_splice(int fd, size_t count, off_t offset) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) == -1) return (struct client_answer){CLIENT_UNPREPARED, errno};
    loff_t place = offset;
    return answer_of_pipe(splice(fd, offset < 0 ? NULL : &place, ends[1], NULL, count, 0), ends);
}

struct client_answer client_sendfile(int fd, size_t count) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) == -1) return (struct client_answer){CLIENT_UNPREPARED, errno};
    return answer_of_pipe(sendfile(ends[1], fd, NULL, count), ends);
}

struct client_answer client_copy_range(int fd, size_t count) {
    int copy = memfd_create("copy", MFD_CLOEXEC);
    if (copy == -1) return (struct client_answer){CLIENT_UNPREPARED, errno};
    ssize_t copied = copy_file_range(fd, NULL, copy, NULL, count, 0);
    struct client_answer result = answer(copied);
    uint32_t generation;
    if (copied == sizeof generation && pread(copy, &generation, sizeof generation, 0) == sizeof generation) {
        result = (struct client_answer){CLIENT_GENERATION, generation};
    }
    close(copy);
    return result;
}

struct client_answer client_readahead(int fd, size_t count) {
    return answer(readahead(fd, 0, count));
}

struct client_answer client_advise(int fd, int advice) {
    // It returns its error, and leaves errno alone.
    int error = posix_fadvise(fd, 0, 0, advice);
    return error ? (struct client_answer){CLIENT_FAILURE, error} : answer(0);
}
