// Mappings of all kinds, and what can be done with them.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "adversary.h"

static struct mapping *any_mapping(struct attacker *attacker) {
    return &attacker->mappings[below(attacker, MAPPINGS)];
}

// A mapping that there is, or the answer that there is none.
static struct mapping *some_mapping(struct attacker *attacker) {
    for (int tries = 0; tries < 4; tries++) {
        struct mapping *mapping = any_mapping(attacker);
        if (mapping->address) return mapping;
    }
    errno = ENOMEM;
    return NULL;
}

static long put(struct attacker *attacker, void *address, size_t length) {
    if (address == MAP_FAILED) return -1;
    struct mapping *mapping = any_mapping(attacker);
    if (mapping->address) munmap(mapping->address, mapping->length);
    *mapping = (struct mapping){address, length};
    return 0;
}

static long call_mmap(struct attacker *attacker) {
    size_t length = any_of(attacker, 4096, 4096, 4096, 4096, 4, 1, 0, 8192, 1UL << 20, 1UL << 40);
    int protection = (int)any_of(attacker, PROT_READ, PROT_READ, PROT_READ, PROT_NONE, PROT_WRITE, PROT_EXEC,
        PROT_READ | PROT_WRITE, PROT_READ | PROT_EXEC);
    int flags = (int)any_of(attacker, MAP_SHARED, MAP_SHARED, MAP_PRIVATE, MAP_SHARED_VALIDATE);
    static const int more[] = {0, 0, MAP_POPULATE, MAP_LOCKED, MAP_NORESERVE, MAP_NONBLOCK | MAP_POPULATE, MAP_SYNC,
        MAP_HUGETLB, MAP_STACK, MAP_GROWSDOWN};
    flags |= more[below(attacker, sizeof more / sizeof *more)];
    off_t offset = one_in(attacker, 3) ? any_offset(attacker) : 0;
    void *address = mmap(NULL, length, protection, flags, any_descriptor(attacker), offset);
    return put(attacker, address, length);
}

static long call_munmap(struct attacker *attacker) {
    struct mapping *mapping = some_mapping(attacker);
    if (!mapping) return -1;
    long result = munmap(mapping->address, mapping->length);
    *mapping = (struct mapping){0};
    return result;
}

static long call_mremap(struct attacker *attacker) {
    struct mapping *mapping = some_mapping(attacker);
    if (!mapping) return -1;
    size_t length = any_of(attacker, 4096, 8192, 1UL << 20);
    int flags = (int)any_of(attacker, 0, MREMAP_MAYMOVE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP);
    void *address = mremap(mapping->address, mapping->length, length, flags);
    if (address == MAP_FAILED) return -1;
    *mapping = (struct mapping){address, length};
    return 0;
}

static long call_madvise(struct attacker *attacker) {
    struct mapping *mapping = some_mapping(attacker);
    if (!mapping) return -1;
    // NORMAL to DONTNEED, FREE, REMOVE, DONTFORK to UNMERGEABLE, HUGEPAGE to WIPEONFORK, COLD to COLLAPSE. Not DOFORK and
    // what needs rights.
    int advice = (int)any_of(attacker, 0, 1, 2, 3, 4, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25);
    return madvise(mapping->address, mapping->length, advice);
}

static long call_populate(struct attacker *attacker) {
    struct mapping *mapping = some_mapping(attacker);
    if (!mapping) return -1;
    int advice = (int)any_of(attacker, MADV_WILLNEED, MADV_DONTNEED, MADV_POPULATE_READ, MADV_POPULATE_WRITE, MADV_REMOVE);
    return madvise(mapping->address, mapping->length, advice);
}

static long call_msync(struct attacker *attacker) {
    struct mapping *mapping = some_mapping(attacker);
    return mapping ? msync(mapping->address, mapping->length, below(attacker, 8)) : -1;
}

static long call_mincore(struct attacker *attacker) {
    struct mapping *mapping = some_mapping(attacker);
    if (!mapping || mapping->length > 1UL << 20) return -1;
    return mincore(mapping->address, mapping->length, (unsigned char *)attacker->page);
}

static long call_mlock(struct attacker *attacker) {
    struct mapping *mapping = some_mapping(attacker);
    if (!mapping) return -1;
    switch (below(attacker, 4)) {
    case 0: return mlock(mapping->address, mapping->length);
    case 1: return mlock2(mapping->address, mapping->length, MLOCK_ONFAULT);
    case 2: return munlock(mapping->address, mapping->length);
    default: return mprotect(mapping->address, mapping->length, (int)any_of(attacker, 1, 1, 0, 3, 5));
    }
}

// Its own memory, by way of the kernel: where a load would be a signal this is an error.
static long call_process_vm(struct attacker *attacker) {
    struct mapping *mapping = some_mapping(attacker);
    if (!mapping) return -1;
    struct iovec here = {attacker->page, 64}, there = {mapping->address, 64};
    if (one_in(attacker, 4)) return process_vm_writev(getpid(), &here, 1, &there, 1, 0);
    return process_vm_readv(getpid(), &here, 1, &there, 1, 0);
}

static long call_load(struct attacker *attacker) {
    struct mapping *mapping = some_mapping(attacker);
    // The signal that may come of it ends the client: one more way to die.
    return mapping && one_in(attacker, 4) ? *(volatile char *)mapping->address & 1 : -1;
}

static long call_remap(struct attacker *attacker) {
    struct mapping *mapping = some_mapping(attacker);
    return mapping ? syscall(SYS_remap_file_pages, mapping->address, 4096, 0, below(attacker, 2), 0) : -1;
}

static long call_cachestat(struct attacker *attacker) {
    enum { CACHESTAT = 451 };
    uint64_t range[2] = {0, one_in(attacker, 2) ? 0 : 4096};
    return syscall(CACHESTAT, any_descriptor(attacker), range, attacker->page, 0);
}

// A read to memory whose faults are a matter of this client's own, which does nothing about them.
static long call_userfaultfd(struct attacker *attacker) {
    int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK | (one_in(attacker, 2) ? UFFD_USER_MODE_ONLY : 0));
    if (fd == -1) return -1;
    struct uffdio_api api = {.api = UFFD_API};
    char *area = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    long result = -1;
    if (area != MAP_FAILED && ioctl(fd, UFFDIO_API, &api) == 0) {
        struct uffdio_register range = {.range = {(uintptr_t)area, 4096}, .mode = UFFDIO_REGISTER_MODE_MISSING};
        result = ioctl(fd, UFFDIO_REGISTER, &range);
        if (result == 0) result = read(any_descriptor(attacker), area, 4);
        munmap(area, 4096);
    }
    keep(attacker, fd);
    return result;
}

const struct call memory_calls[] = {
    {"mmap", call_mmap}, {"mmap again", call_mmap}, {"munmap", call_munmap}, {"mremap", call_mremap},
    {"madvise", call_madvise}, {"madvise to populate", call_populate}, {"msync", call_msync}, {"mincore", call_mincore},
    {"mlock, mprotect", call_mlock}, {"process_vm_readv", call_process_vm}, {"load", call_load},
    {"remap_file_pages", call_remap}, {"cachestat", call_cachestat}, {"userfaultfd", call_userfaultfd}, {0}};
