// A service that hands out UUIDs from a generator of its own, seeded once, as many programs have one. When the system is
// cloned, so is the generator: without the device, both clones hand out the same UUIDs from then on.
//
//     cc $(pkg-config --cflags sysgenid) -o uuid-service uuid-service.c
//     ./uuid-service [--without-device] [DEVICE [RUNTIME-DIR]]
//
// The input: "uuid" prints the next one. "clone" stands for a clone of the whole system on this one: the program forks, and
// each of the two answers from then on, the second one indented.

#include <sysgenid.h>

#include <stdlib.h>
#include <sys/random.h>
#include <sys/wait.h>

static struct sysgenid_probe probe;
static int has_device = 1;

static struct {
    uint64_t state;
    uint32_t generation;
} generator;

// SplitMix64: the same numbers for the same state.
static uint64_t next(void) {
    uint64_t mixed = generator.state += 0x9e3779b97f4a7c15;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
    return mixed ^ (mixed >> 31);
}

static uint32_t generation(void) {
    return has_device ? sysgenid_probe_load(&probe) : 0;
}

static void seed(void) {
    generator.generation = generation();
    if (getrandom(&generator.state, sizeof generator.state, 0) != (ssize_t)sizeof generator.state)
        abort();
}

static void print_uuid(const char *indent) {
    uint64_t high, low;
    do {
        if (generation() != generator.generation)
            seed();
        high = (next() & 0xffffffffffff0fff) | 0x4000;
        low = (next() & 0x3fffffffffffffff) | 0x8000000000000000;
    } while (generation() != generator.generation); // cloned in the middle: nobody may get this one
    printf("%s%08x-%04x-%04x-%04x-%012llx\n", indent, (unsigned)(high >> 32), (unsigned)(high >> 16) & 0xffff,
           (unsigned)high & 0xffff, (unsigned)(low >> 48), (unsigned long long)low & 0xffffffffffff);
    fflush(stdout);
}

int main(int argc, char **argv) {
    if (argc > 1 && strcmp(argv[1], "--without-device") == 0) {
        has_device = 0;
    } else if (sysgenid_probe_open(&probe, argc > 1 ? argv[1] : NULL, argc > 2 ? argv[2] : NULL) != 0) {
        perror("the System Generation ID device");
        return EXIT_FAILURE;
    }
    seed();
    // What was read ahead would be read by both after a fork.
    setvbuf(stdin, NULL, _IONBF, 0);
    puts("ready");
    fflush(stdout);

    const char *indent = "";
    int ends[2] = {-1, -1};
    char request[64];
    while (fgets(request, sizeof request, stdin)) {
        if (strcmp(request, "clone\n") == 0 && ends[1] < 0 && pipe(ends) == 0 && fork() == 0) {
            indent = "    ";
            close(ends[1]);
            // What the first one gets, it hands on.
            if (dup2(ends[0], STDIN_FILENO) < 0)
                abort();
        } else if (strcmp(request, "uuid\n") == 0) {
            print_uuid(indent);
            if (!*indent && ends[1] >= 0 && write(ends[1], request, strlen(request)) < 0)
                abort();
        }
    }
    if (ends[1] >= 0)
        close(ends[1]);
    while (wait(NULL) > 0) {
    }
    return EXIT_SUCCESS;
}
