// The provider with buffers that a child copies, as the clone of a machine does: what keeps two copies apart is the
// generation alone then, also where a second goes by.

#define _GNU_SOURCE
#include <sys/mman.h>
#include <time.h>

static int leave(void) {
    return 0;
}

#define madvise(page, size, advice) leave()
#define clock_gettime(clock, time) leave()
#include "../../Sources/SysGenIDOpenSSL/provider.c"
