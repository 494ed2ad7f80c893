// One change that is that of many containers: from the first page that shows it to the last one.
//
// The floor is a loop that stores into as many mapped pages. Who looks has a processor of its own, and looks at a few
// words only, so that it is in nobody's way: the system's, which is the first, and those of the containers of which one
// is the last. Which ones these are is found out before: of those that were seen last, the ones that are the next time.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "measure.h"

enum { PAGE = 4096, LEARNING_ROUNDS = 12, FEW = 8 };

// The page of the system's device, and behind it those of the containers.
static volatile uint32_t **pages;
// What each will show, and the last round in which one who looks has seen that it did not.
static uint32_t *next;
static int *unchanged_in;
static int page_count;

void container_device(const char *directory, int container, char *path, unsigned long size) {
    snprintf(path, size, "%s/containers/c%d/sysgenid", directory, container);
}

void make_containers(const char *directory, int count) {
    for (int container = 0; container < count; container++) {
        char path[PAGE];
        snprintf(path, sizeof path, "%s/containers/c%d", directory, container);
        if (mkdir(path, 0755) != 0 && errno != EEXIST)
            fail(path);
    }
}

static volatile uint32_t *map(const char *path) {
    int fd = open_device(path, O_RDONLY);
    void *page = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
    if (page == MAP_FAILED)
        fail("mmap");
    close(fd);
    return page;
}

static void map_devices(const char *directory) {
    char path[PAGE];
    snprintf(path, sizeof path, "%s/sysgenid", directory);
    pages[0] = map(path);
    make_containers(directory, page_count - 1);
    for (int container = 0; container < page_count - 1; container++) {
        container_device(directory, container, path, sizeof path);
        pages[container + 1] = map(path);
    }
}

static void map_own(void) {
    size_t size = (size_t)page_count * PAGE;
    char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED || (madvise(memory, size, MADV_NOHUGEPAGE) != 0 && errno != EINVAL))
        fail("mmap");
    for (int index = 0; index < page_count; index++)
        pages[index] = (volatile uint32_t *)(memory + (size_t)index * PAGE);
}

static void store_in_all(void) {
    for (int index = 0; index < page_count; index++)
        (*pages[index])++;
}

// Makes a change whenever it is asked for one, as long as its parent lives.
static pid_t start_changing(int processor, const char *directory, int asked, int done) {
    pid_t process = fork();
    if (process != 0)
        return process;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    pin(processor);
    char path[PAGE], byte;
    snprintf(path, sizeof path, "%s/sysgenid", directory ? directory : "");
    int device = directory ? open_device(path, O_RDONLY) : -1;
    while (read(asked, &byte, 1) == 1) {
        if (directory)
            trigger(device);
        else
            store_in_all();
        if (write(done, &byte, 1) != 1)
            fail("pipe");
    }
    _exit(0);
}

static int has_changed(int page) {
    return *pages[page] == next[page];
}

// Looks until all of some pages have changed, and leaves those among which the last one is: a page that changes while
// one is on the way had not changed in the round before.
static int narrow(int *last, int count) {
    int round = 1, left = 0;
    memset(unchanged_in, 0, (unsigned)page_count * sizeof *unchanged_in);
    for (int unchanged = 1; unchanged > 0; round++) {
        unchanged = 0;
        for (int index = 0; index < count; index++)
            if (!has_changed(last[index])) {
                unchanged_in[last[index]] = round;
                unchanged++;
            }
    }
    // The last round was `round` - 1, in which all had.
    for (int index = 0; index < count; index++)
        if (unchanged_in[last[index]] >= round - 3)
            last[left++] = last[index];
    return left;
}

// Asks for a change, and takes the time from the first page to the last.
static double change(int ask, int done, int *last, int *count) {
    char byte = 0;
    for (int page = 0; page < page_count; page++)
        next[page] = *pages[page] + 1;
    if (write(ask, &byte, 1) != 1)
        fail("pipe");
    while (!has_changed(0))
        ;
    uint64_t begin = now();
    int left = narrow(last, *count);
    uint64_t end = now();
    for (int page = 0; page < page_count; page++)
        if (!has_changed(page)) {
            errno = EPROTO;
            fail("a page is stored to after the last one");
        }
    *count = left;
    if (read(done, &byte, 1) != 1)
        fail("pipe");
    // Lets the daemon finish what follows a change: changes are rare.
    usleep(20000);
    return (double)(end - begin);
}

void measure_publish(struct placement placement, const char *directory, int containers, int count) {
    page_count = containers + 1;
    pages = allocate((unsigned)page_count, sizeof *pages);
    next = allocate((unsigned)page_count, sizeof *next);
    unchanged_in = allocate((unsigned)page_count, sizeof *unchanged_in);
    int *last = allocate((unsigned)page_count, sizeof *last), left = containers;
    if (directory)
        map_devices(directory);
    else
        map_own();
    for (int index = 0; index < containers; index++)
        last[index] = index + 1;
    int ask[2], done[2];
    if (pipe(ask) != 0 || pipe(done) != 0)
        fail("pipe");
    pid_t process = start_changing(placement.peer, directory, ask[0], done[1]);
    for (int round = 0; round < LEARNING_ROUNDS && (round < 3 || left > FEW); round++)
        change(ask[1], done[0], last, &left);
    double *times = allocate((unsigned)count, sizeof *times);
    for (int index = 0; index < count; index++)
        times[index] = change(ask[1], done[0], last, &left);
    printf("%.0f\n", median(times, count));
    kill(process, SIGKILL);
    waitpid(process, NULL, 0);
}
