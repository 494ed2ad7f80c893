// A program that draws random bytes of a library as any does. The library is opened, as plugins are, or is there from
// the start where this has been linked with it. Each draw is a line: the process id, and 16 bytes.

#define _GNU_SOURCE
#include "draws.h"

#include <sys/syscall.h>
#include <unistd.h>

enum { LENGTH = SIZE, THREADS = 16, DRAWS = 500 };

// How often the library has asked the kernel for bytes to seed itself with. The dynamic linker finds this one first.
static int seeds;

__attribute__((visibility("default"))) ssize_t getrandom(void *out, size_t size, unsigned flags) {
    seeds++;
    return syscall(SYS_getrandom, out, size, flags);
}

#include "../../Tests/Clients/drawing.h"

static void draw_in_copies(void) {
    pid_t first = copy();
    if (first != 0) {
        wait_for(first);
        return;
    }
    draw();
    for (int i = 0; i < 2; i++) {
        pid_t other = copy();
        if (other == 0) {
            wait_for_line();
            draw();
            _exit(0);
        }
        wait_for(other);
    }
    _exit(0);
}

static void *draw_in_copies_beside(void *unused) {
    draw_in_copies();
    return unused;
}

// In a thread that is not the first one, which has a generator of its own.
static void draw_in_copies_of_thread(void) {
    pthread_t thread;
    unsigned char bytes[SIZE];
    draw_bytes(bytes);
    if (pthread_create(&thread, NULL, draw_in_copies_beside, NULL) != 0 || pthread_join(thread, NULL) != 0)
        fail("pthread_create");
}

static void draw_in_child(void) {
    draw();
    pid_t child = fork();
    draw();
    if (child == 0)
        _exit(0);
    wait_for(child);
}

static pthread_barrier_t turn;

static void *draw_in_turns(void *unused) {
    unsigned char bytes[SIZE];
    for (;;) {
        pthread_barrier_wait(&turn);
        draw_bytes(bytes);
        pthread_barrier_wait(&turn);
    }
    return unused;
}

// How often the library is seeded in a draw of this thread, and in one of another thread.
static void count_seeds(void) {
    unsigned char bytes[SIZE];
    int before = seeds;
    draw_bytes(bytes);
    int own = seeds;
    pthread_barrier_wait(&turn);
    pthread_barrier_wait(&turn);
    printf("%d %d\n", own - before, seeds - own);
    fflush(stdout);
}

static void count_in_threads(void) {
    pthread_t thread;
    pthread_barrier_init(&turn, NULL, 2);
    if (pthread_create(&thread, NULL, draw_in_turns, NULL) != 0)
        fail("pthread_create");
    count_seeds();
    for (;;) {
        wait_for_line();
        count_seeds();
    }
}

static const struct {
    const char *name;
    void (*run)(void);
} tasks[] = {
    {"copies", draw_in_copies}, {"thread", draw_in_copies_of_thread}, {"child", draw_in_child},
    {"threads", draw_in_threads}, {"seeds", count_in_threads},
};

#define COUNT(table) (sizeof(table) / sizeof *(table))

int main(int count, char **arguments) {
    if (count != 4)
        return 64;
    for (size_t i = 0; i < COUNT(kinds); i++)
        if (strcmp(arguments[2], kinds[i]) == 0)
            kind = (int)i;
    for (size_t i = 0; i < COUNT(libraries); i++)
        if (strcmp(arguments[1], libraries[i].name) == 0) {
#ifdef LINKED
            library = RTLD_DEFAULT;
#else
            if (!(library = dlopen(libraries[i].file, RTLD_NOW | RTLD_LOCAL)))
                fail(dlerror());
#endif
            draw_bytes = libraries[i].draw;
            libraries[i].begin();
        }
    for (size_t i = 0; draw_bytes && i < COUNT(tasks); i++)
        if (strcmp(arguments[3], tasks[i].name) == 0) {
            tasks[i].run();
            return 0;
        }
    return 64;
}
