// One look at both pages, the device's and the hypervisor's, against the same look at two pages of the program's own.

#define _GNU_SOURCE // memfd_create
#include <stdio.h>
#include <sysgenid.h>

#include "measure.h"

// A page as a hypervisor has it, with a counter, in memory.
static int make_clock(void) {
    unsigned char page[SYSGENID_PAGE_SIZE] = {'V', 'C', 'L', 'K', 0, SYSGENID_PAGE_SIZE / 256, 0, 0, 1};
    page[SYSGENID_CLOCK_FLAGS + 1] = 1;
    int fd = memfd_create("clock", MFD_CLOEXEC);
    if (fd < 0 || write(fd, page, sizeof page) != (ssize_t)sizeof page)
        fail("memfd_create");
    return fd;
}

// The same code for both, so that nothing differs but where the words lie.
static __attribute__((noinline)) uint64_t look_again_and_again(const struct sysgenid_probe *probe, unsigned long count) {
    uint64_t sum = 0;
    for (unsigned long done = 0; done < count; done++) {
        struct sysgenid_mark mark = sysgenid_probe_mark(probe);
        sum += mark.generation + mark.counter + mark.unsettled;
    }
    return sum;
}

void measure_mark(const char *path, unsigned long count) {
    enum { PARTS = 21 };
    struct sysgenid_probe probe;
    int own = memfd_create("page", MFD_CLOEXEC);
    if (own < 0 || ftruncate(own, SYSGENID_PAGE_SIZE) != 0)
        fail("memfd_create");
    if (sysgenid_map(&probe, path ? open_device(path, O_RDONLY) : own, SYSGENID_DEFAULT_PAGE_OFFSET) != 0 ||
        sysgenid_map_clock(&probe, make_clock()) != 0)
        fail("mmap");
    double parts[PARTS];
    uint64_t sum = look_again_and_again(&probe, count / PARTS);
    for (int part = 0; part < PARTS; part++) {
        uint64_t begin = now();
        sum += look_again_and_again(&probe, count / PARTS);
        parts[part] = (double)(now() - begin) / ((double)count / PARTS);
    }
    // The sum is looked at, so that the looks cannot be left out.
    printf("%.4f\n", sum == 1 ? 0 : median(parts, PARTS));
}
