// One load of the generation, against one load of a variable of the program's own.

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>

#include "measure.h"

// The same code for both, so that nothing differs but where the word lies.
static __attribute__((noinline)) uint32_t load_again_and_again(const volatile uint32_t *word, unsigned long count) {
    uint32_t sum = 0;
    for (unsigned long done = 0; done < count; done += 8)
        sum += *word + *word + *word + *word + *word + *word + *word + *word;
    return sum;
}

void measure_load(const char *path, unsigned long count) {
    enum { PARTS = 21 };
    volatile uint32_t local = 1;
    const volatile uint32_t *word = &local;
    if (path) {
        word = mmap(NULL, sizeof *word, PROT_READ, MAP_SHARED, open_device(path, O_RDONLY), 0);
        if (word == MAP_FAILED)
            fail("mmap");
    }
    double parts[PARTS];
    uint32_t sum = load_again_and_again(word, count / PARTS);
    for (int part = 0; part < PARTS; part++) {
        uint64_t begin = now();
        sum += load_again_and_again(word, count / PARTS);
        parts[part] = (double)(now() - begin) / ((double)count / PARTS);
    }
    // The sum is looked at, so that the loads cannot be left out.
    printf("%.4f\n", sum == 1 ? 0 : median(parts, PARTS));
}
