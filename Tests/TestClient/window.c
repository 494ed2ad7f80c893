// How often a program uses a secret after a resume before it notices: one that compares the generation, and one that
// compares what both pages show.
//
// Both do as sysgenid.h says: what is made of the secret leaves the program only where a look behind shows that nothing has
// changed. Who is the judge has a mapping of the hypervisor's page of its own, and looks before the secret is used: a use
// that begins after the resume and leaves the program is one too many.
//
// It draws from the kernel both times, to see what a secret would be that was renewed at the first.

#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

#include "client.h"
#include "sysgenid.h"

// Stands for whatever must not be used twice, as the number of a record that is encrypted.
static volatile uint64_t nonce;

static uint64_t drawn(void) {
    uint64_t bytes;
    return getrandom(&bytes, sizeof bytes, 0) == sizeof bytes ? bytes : 0;
}

static const volatile uint64_t *map_counter(const char *clock) {
    const char *page = mmap(NULL, (size_t)sysconf(_SC_PAGESIZE), PROT_READ, MAP_SHARED, open_device(clock, O_RDONLY), 0);
    return page == MAP_FAILED ? NULL : (const volatile uint64_t *)(const volatile void *)(page + SYSGENID_CLOCK_COUNTER);
}

int command_window(const char *path, const char *clock) {
    struct sysgenid_probe probe;
    const volatile uint64_t *counter = map_counter(clock);
    if (!counter)
        return failed("mmap");
    if (sysgenid_probe_open(&probe, path, NULL) != 0)
        return failed("probe");
    if (sysgenid_probe_add_clock(&probe, clock) != 0)
        return failed("clock");
    uint64_t first = *counter;
    struct sysgenid_mark mark = sysgenid_probe_mark(&probe), now = mark;
    uint32_t generation = sysgenid_probe_load(&probe);
    unsigned long uses_by_generation = 0, uses_by_both = 0;
    uint64_t drawn_first = 0;
    int is_noticed = 0;
    say("ready");
    do {
        int is_resumed = *counter != first;
        nonce++;
        if (!is_noticed) {
            now = sysgenid_probe_mark(&probe);
            is_noticed = !sysgenid_mark_is_same(now, mark);
            uses_by_both += !is_noticed && is_resumed;
            if (is_noticed)
                drawn_first = drawn();
        }
        if (sysgenid_probe_load(&probe) != generation)
            break;
        uses_by_generation += is_resumed;
    } while (1);
    printf("drawn at first: %016llx\n", (unsigned long long)drawn_first);
    printf("drawn at last: %016llx\n", (unsigned long long)drawn());
    printf("by the generation: %lu\n", uses_by_generation);
    printf("by both pages: %lu\n", is_noticed ? uses_by_both : ~0UL);
    printf("noticed %s the generation\n", sysgenid_mark_awaits_generation(now, mark) ? "before" : "with");
    printf("then it %s\n", sysgenid_mark_awaits_generation(sysgenid_probe_mark(&probe), mark) ? "does not follow" : "follows");
    fflush(stdout);
    sysgenid_probe_close(&probe);
    return 0;
}
