// The provider with buffers that a child copies, as the clone of a machine does: what keeps two copies apart is the
// generation alone then.

#define _GNU_SOURCE
#include <sys/mman.h>

static int leave(void) {
    return 0;
}

#define madvise(page, size, advice) leave()
#include "../../Sources/SysGenIDOpenSSL/provider.c"
