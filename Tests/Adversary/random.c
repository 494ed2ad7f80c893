#define _GNU_SOURCE
#include <time.h>
#include <unistd.h>

#include "adversary.h"

// splitmix64: any number is a good state, so that a seed and a few additions make one.
uint64_t next_random(uint64_t *state) {
    uint64_t word = *state += 0x9e3779b97f4a7c15;
    word = (word ^ word >> 30) * 0xbf58476d1ce4e5b9;
    word = (word ^ word >> 27) * 0x94d049bb133111eb;
    return word ^ word >> 31;
}

int below(struct attacker *attacker, int limit) {
    return (int)(next_random(&attacker->random) % (uint64_t)limit);
}

bool one_in(struct attacker *attacker, int chances) {
    return below(attacker, chances) == 0;
}

size_t any_size(struct attacker *attacker) {
    return any_of(attacker, 4, 4, 4, 0, 1, 3, 5, 8, 4095, 4096, 4097, 8192, 65536, 1UL << 31, ~0UL);
}

int64_t any_offset(struct attacker *attacker) {
    return (int64_t)any_of(attacker, 0, 0, 0, 1, 4, 4095, 4096, 4097, 65536, 1UL << 31, 1UL << 40, ~0UL >> 1, ~0UL);
}

int any_descriptor(struct attacker *attacker) {
    return attacker->descriptors[below(attacker, DESCRIPTORS)];
}

long keep(struct attacker *attacker, long fd) {
    if (fd < 0) return fd;
    int *place = &attacker->others[below(attacker, OTHERS)];
    if (*place >= 0) close(*place);
    *place = (int)fd;
    return fd;
}

int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}
