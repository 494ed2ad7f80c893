// What moves bytes past a program: by way of pipes and of the kernel's cache.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "adversary.h"

static unsigned any_splice_flags(struct attacker *attacker) {
    return (unsigned)below(attacker, 16);
}

// What is in a pipe stays there, until it is closed when others need its place.
static long into_pipe(struct attacker *attacker, long (*move)(struct attacker *, int pipe)) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC | (one_in(attacker, 2) ? O_NONBLOCK : 0)) == -1) return -1;
    long result = move(attacker, ends[1]);
    int error = errno;
    keep(attacker, ends[0]);
    keep(attacker, ends[1]);
    errno = error;
    return result;
}

static size_t any_length(struct attacker *attacker) {
    return any_of(attacker, 1, 4, 4, 4096, 8192, 65536, 1UL << 30);
}

static long move_splice(struct attacker *attacker, int pipe) {
    loff_t offset = any_offset(attacker);
    bool has_offset = one_in(attacker, 2);
    return splice(any_descriptor(attacker), has_offset ? &offset : NULL, pipe, NULL, any_length(attacker),
        any_splice_flags(attacker));
}

static long move_sendfile(struct attacker *attacker, int pipe) {
    off_t offset = any_offset(attacker);
    return sendfile(pipe, any_descriptor(attacker), one_in(attacker, 2) ? &offset : NULL, any_length(attacker));
}

static long move_vmsplice(struct attacker *attacker, int pipe) {
    struct mapping *mapping = &attacker->mappings[below(attacker, MAPPINGS)];
    struct iovec part = {mapping->address ? mapping->address : attacker->page, 4096};
    return vmsplice(pipe, &part, 1, any_splice_flags(attacker));
}

// And onwards: into another pipe, and from there to where it came from.
static long move_tee(struct attacker *attacker, int pipe) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) == -1) return -1;
    long result = splice(any_descriptor(attacker), NULL, ends[1], NULL, 4, SPLICE_F_NONBLOCK);
    if (result > 0) result = tee(ends[0], pipe, 4096, SPLICE_F_NONBLOCK);
    if (result > 0) result = splice(ends[0], NULL, any_descriptor(attacker), NULL, 4, SPLICE_F_NONBLOCK);
    keep(attacker, ends[0]);
    keep(attacker, ends[1]);
    return result;
}

static long call_splice(struct attacker *attacker) { return into_pipe(attacker, move_splice); }
static long call_sendfile(struct attacker *attacker) { return into_pipe(attacker, move_sendfile); }
static long call_vmsplice(struct attacker *attacker) { return into_pipe(attacker, move_vmsplice); }
static long call_tee(struct attacker *attacker) { return into_pipe(attacker, move_tee); }

static long call_sendfile_elsewhere(struct attacker *attacker) {
    int ends[2];
    if (one_in(attacker, 2)) {
        int copy = memfd_create("copy", MFD_CLOEXEC);
        if (copy == -1) return -1;
        long result = sendfile(copy, any_descriptor(attacker), NULL, any_length(attacker));
        keep(attacker, copy);
        return result;
    }
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) == -1) return -1;
    long result = sendfile(ends[0], any_descriptor(attacker), NULL, any_length(attacker));
    keep(attacker, ends[0]);
    keep(attacker, ends[1]);
    return result;
}

static long call_copy(struct attacker *attacker) {
    loff_t from = any_offset(attacker), to = any_offset(attacker);
    int copy = one_in(attacker, 2) ? memfd_create("copy", MFD_CLOEXEC) : dup(any_descriptor(attacker));
    if (copy == -1) return -1;
    long result = copy_file_range(any_descriptor(attacker), &from, copy, &to, any_length(attacker), 0);
    keep(attacker, copy);
    return result;
}

static long call_readahead(struct attacker *attacker) {
    return readahead(any_descriptor(attacker), any_offset(attacker), any_length(attacker));
}

static long call_fadvise(struct attacker *attacker) {
    int error = posix_fadvise(
        any_descriptor(attacker), any_offset(attacker), (off_t)any_of(attacker, 0, 4096, 1), below(attacker, 7));
    errno = error;
    return error ? -1 : 0;
}

const struct call pipe_calls[] = {
    {"splice", call_splice}, {"sendfile to a pipe", call_sendfile}, {"vmsplice", call_vmsplice}, {"tee", call_tee},
    {"sendfile", call_sendfile_elsewhere}, {"copy_file_range", call_copy}, {"readahead", call_readahead},
    {"posix_fadvise", call_fadvise}, {0}};
