// The library with numbers that count up where it marks its process id, and with clocks that stand still: what keeps two
// copies apart is then the bytes alone that it adds to libgcrypt's pool.

#define _GNU_SOURCE
#include "sources.h"

#include <pthread.h>
#include <stdarg.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <time.h>

static long stand_still(long number, ...) {
    if (number != SYS_getrusage)
        return syscall(number);
    va_list words;
    va_start(words, number);
    va_arg(words, int);
    memset(va_arg(words, struct rusage *), 0, sizeof(struct rusage));
    va_end(words);
    return 0;
}

#define syscall(...) stand_still(__VA_ARGS__)
#define draw(out, size) ((size) != sizeof(uint32_t) && draw(out, size))
#define clock_gettime(clock, time) ((void)(time))
#include "crypto.c"

EXPORTED int gettimeofday(struct timeval *time, void *zone) {
    (void)zone;
    *time = (struct timeval){0, 0};
    return 0;
}

EXPORTED clock_t clock(void) {
    return 0;
}
