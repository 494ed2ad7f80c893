// How soon a change is seen by a reader that looks at the mapped page all the time, on a processor of its own.
//
// The floor has all that cannot be left out: one process is woken by another, stores a word in memory that they
// share, and answers.

#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "measure.h"

// What the reader tells, and the word of the floor; each in a line of the cache of its own.
struct shared {
    _Alignas(64) volatile uint32_t word;
    _Alignas(64) _Atomic uint64_t seen_at;
    _Atomic uint32_t seen;
};

static struct shared *share(void) {
    struct shared *shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        fail("mmap");
    return shared;
}

static _Noreturn void look(const volatile uint32_t *word, struct shared *shared, uint32_t last) {
    for (;;) {
        uint32_t value = *word;
        if (value == last)
            continue;
        atomic_store(&shared->seen_at, now());
        atomic_store(&shared->seen, value);
        last = value;
    }
}

static _Noreturn void store_when_woken(struct shared *shared, int wake, int answer) {
    uint64_t count;
    for (;;) {
        if (read(wake, &count, sizeof count) != sizeof count)
            fail("eventfd");
        shared->word++;
        count = 1;
        if (write(answer, &count, sizeof count) != sizeof count)
            fail("eventfd");
    }
}

void measure_change(struct placement placement, const char *path, int count) {
    struct shared *shared = share();
    const volatile uint32_t *word = &shared->word;
    int device = -1, wake = eventfd(0, 0), answer = eventfd(0, 0);
    pid_t storer = 0;
    if (path) {
        device = open_device(path, O_RDONLY);
        word = mmap(NULL, sizeof *word, PROT_READ, MAP_SHARED, device, 0);
        if (word == MAP_FAILED)
            fail("mmap");
    } else if ((storer = start_pinned(placement.peer)) == 0)
        store_when_woken(shared, wake, answer);
    uint32_t last = *word;
    atomic_store(&shared->seen, last);
    pid_t reader = start_pinned(placement.client);
    if (reader == 0)
        look(word, shared, last);
    // Whoever asks is where the daemon is: the other processor belongs to the reader.
    pin(placement.peer);

    double *times = allocate(count, sizeof *times);
    for (int index = 0; index < count; index++) {
        // Lets the daemon finish what follows a change: changes are rare.
        usleep(2000);
        uint64_t begin = now(), one = 1;
        if (path)
            trigger(device);
        else if (write(wake, &one, sizeof one) != sizeof one || read(answer, &one, sizeof one) != sizeof one)
            fail("eventfd");
        while (atomic_load(&shared->seen) == last)
            ;
        times[index] = (double)(atomic_load(&shared->seen_at) - begin);
        last = atomic_load(&shared->seen);
    }
    printf("%.1f\n", median(times, count));
    kill(reader, SIGKILL);
    waitpid(reader, NULL, 0);
    if (storer > 0) {
        kill(storer, SIGKILL);
        waitpid(storer, NULL, 0);
    }
}
