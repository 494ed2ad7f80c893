// How much a thread computes between the wait that ends and the store of a change into the page: its instructions in user space.
// It is stepped through, so the count is of what it does, whatever else the machine does meanwhile. See ptrace(2).

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include "measure.h"

static void wait_for(int thread) {
    int status;
    if (waitpid(thread, &status, __WALL) != thread || !WIFSTOPPED(status))
        fail("waitpid");
}

void measure_steps(int thread, const char *path) {
    const volatile uint32_t *word = mmap(NULL, sizeof *word, PROT_READ, MAP_SHARED, open_device(path, O_RDONLY), 0);
    if (word == MAP_FAILED)
        fail("mmap");
    uint32_t before = *word;
    if (ptrace(PTRACE_SEIZE, thread, 0, 0) != 0 || ptrace(PTRACE_INTERRUPT, thread, 0, 0) != 0)
        fail("ptrace");
    wait_for(thread);
    printf("ready\n");
    fflush(stdout);
    long long steps = 0;
    for (; *word == before; steps++) {
        if (ptrace(PTRACE_SINGLESTEP, thread, 0, 0) != 0)
            fail("ptrace");
        wait_for(thread);
    }
    ptrace(PTRACE_DETACH, thread, 0, 0);
    printf("%lld\n", steps);
}
