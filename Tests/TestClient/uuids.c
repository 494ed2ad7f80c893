// A service that hands out UUIDs. Its generator is in user space and was seeded once, as in many programs: a clone of
// its memory hands out the same ones, unless it looks at the mapped page.

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "client.h"

// The state of xoshiro256**, by Blackman and Vigna: fast, with good statistics, and known whole to who has a copy.
static uint64_t state[4];

static void seed(void) {
    if (getrandom(state, sizeof state, 0) != sizeof state)
        exit(failed("getrandom"));
}

static uint64_t rotated(uint64_t word, int bits) { return word << bits | word >> (64 - bits); }

static uint64_t draw(void) {
    uint64_t drawn = rotated(state[1] * 5, 7) * 9, shifted = state[1] << 17;
    state[2] ^= state[0];
    state[3] ^= state[1];
    state[1] ^= state[2];
    state[0] ^= state[3];
    state[2] ^= shifted;
    state[3] = rotated(state[3], 45);
    return drawn;
}

// Version 4 of RFC 9562: 122 random bits.
static void print_uuid(uint64_t high, uint64_t low) {
    high = (high & ~UINT64_C(0xf000)) | 0x4000;
    low = (low & ~(UINT64_C(3) << 62)) | UINT64_C(2) << 62;
    printf("%08x-%04x-%04x-%04x-%012llx\n", (unsigned int)(high >> 32), (unsigned int)(high >> 16 & 0xffff),
           (unsigned int)(high & 0xffff), (unsigned int)(low >> 48), (unsigned long long)(low & 0xffffffffffff));
    fflush(stdout);
}

// Hands out one for each line of standard input; with a device, each from a seed of the current generation.
int command_uuids(const char *path) {
    const volatile uint32_t *page = path ? map_device(path) : NULL;
    uint32_t seeded = page ? *page : 0;
    seed();
    say("ready");
    char line[16];
    while (fgets(line, sizeof line, stdin)) {
        uint64_t high, low;
        do {
            if (page && *page != seeded) {
                seeded = *page;
                seed();
            }
            high = draw();
            low = draw();
            // Nothing that was drawn before a change leaves after it.
        } while (page && *page != seeded);
        print_uuid(high, low);
    }
    return 0;
}
