// The provider's own functions, with a kernel that is played: it gives numbers that count up, so that a byte that is
// given twice is seen, and something happens in the middle of what it does. Each line that is printed is a test that
// passed.

#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long play_getrandom(void *out, size_t size);
static void *play_memcpy(void *out, const void *from, size_t size);
static void *play_mmap(size_t size);
static int play_madvise(void *page, size_t size, int advice);
static int play_clock(struct timespec *time);

// As the provider says it.
#define syscall(number, out, size, flags) play_getrandom(out, size)
#define memcpy(out, from, size) play_memcpy(out, from, size)
#define mmap(address, size, protection, flags, fd, offset) ((void)(protection), play_mmap(size))
#define madvise(page, size, advice) play_madvise(page, size, advice)
#define clock_gettime(clock, time) play_clock(time)
#include "../../Sources/SysGenIDOpenSSL/provider.c"
#undef syscall
#undef memcpy
#undef mmap
#undef madvise
#undef clock_gettime

static uint32_t generation;
static struct provider provider = {{NULL, &generation}};
static uint64_t next;
static time_t second;
static int error, slice, has_memory, wipes;
// What happens once, in the next system call or copy.
static void (*in_call)(void), (*in_copy)(void);
static struct context *context;
static const char *test;

static void require(int holds, const char *what) {
    if (holds)
        return;
    printf("%s: %s\n", test, what);
    exit(1);
}

static void happen(void (**event)(void)) {
    void (*now)(void) = *event;
    *event = NULL;
    if (now)
        now();
}

static long play_getrandom(void *out, size_t size) {
    if (error) {
        errno = error;
        error = error == EINTR ? 0 : error;
        return -1;
    }
    size_t count = slice && (size_t)slice < size ? (size_t)slice : size;
    for (size_t i = 0; i < count; i += sizeof next, next++)
        memcpy((char *)out + i, &next, sizeof next);
    happen(&in_call);
    return (long)count;
}

static void *play_memcpy(void *out, const void *from, size_t size) {
    happen(&in_copy);
    return memcpy(out, from, size);
}

static void *play_mmap(size_t size) {
    return has_memory ? mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) : MAP_FAILED;
}

static int play_madvise(void *page, size_t size, int advice) {
    return wipes ? madvise(page, size, advice) : -1;
}

static int play_clock(struct timespec *time) {
    time->tv_sec = second;
    return 0;
}

static void begin(const char *name) {
    freectx(context);
    test = name;
    error = slice = 0;
    has_memory = wipes = 1;
    next = 1;
    provider.probe.word = &generation;
    context = newctx(&provider, NULL, NULL);
    require(context && instantiate(context, STRENGTH, 0, NULL, 0, NULL), "no context");
}

static uint64_t take_number(void) {
    uint64_t number = 0;
    require(generate(context, (unsigned char *)&number, sizeof number, STRENGTH, 0, NULL, 0), "nothing was given");
    require(number != 0, "zero was given");
    return number;
}

static int is_empty(const struct buffer *buffer, size_t from) {
    for (size_t i = from; i < KEPT; i++)
        if (buffer->bytes[i] != 0)
            return 0;
    return 1;
}

static void end(void) {
    printf("%s\n", test);
}

static void change(void) {
    generation++;
}

// Another request in the middle of one, as a signal handler makes it.
static uint64_t taken_between;
static void interrupt(void) {
    taken_between = take_number();
}

// A child in the middle: it goes on by itself, and says by its status whether it was given what its parent has not.
static int is_child;
static pid_t child;
static void make_child(void) {
    child = fork();
    is_child = child == 0;
    if (is_child)
        next += 1 << 20;
}

static void compare_with_child(uint64_t number) {
    if (is_child)
        _exit(number > 1 << 20 ? 0 : 2);
    int status;
    require(waitpid(child, &status, 0) == child && status == 0, "the child was given what its parent has, or nothing");
}

int main(void) {
    setvbuf(stdout, NULL, _IONBF, 0);
    begin("a byte is given once");
    static unsigned char given[1 << 20];
    for (int i = 0; i < 20000; i++) {
        uint64_t numbers[LARGEST / 8 + 1];
        size_t count = 1 + (size_t)(i * 7919) % (LARGEST / 8 + 1);
        require(generate(context, (unsigned char *)numbers, count * 8, STRENGTH, i % 5 == 0, NULL, 0), "none");
        for (size_t k = 0; k < count; k++) {
            require(numbers[k] < sizeof given && numbers[k] > 0 && !given[numbers[k]], "a number was given twice");
            given[numbers[k]] = 1;
        }
    }
    end();

    begin("what was given is wiped");
    take_number();
    require(context->buffer && context->buffer->left == KEPT - 8, "nothing was kept");
    require(is_empty(context->buffer, context->buffer->left), "what was given is there still");
    require(!is_empty(context->buffer, 0), "all is wiped");
    require(reseed(context, 0, NULL, 0, NULL, 0) && is_empty(context->buffer, 0), "reseeding left something");
    end();

    begin("a change throws away what was kept");
    take_number();
    change();
    require(take_number() > KEPT / 8, "a number from before the change");
    end();

    begin("a second throws away what was kept");
    take_number();
    second++;
    require(take_number() > KEPT / 8, "a number of an earlier second");
    end();

    begin("a change in the middle of the copy is one before it");
    take_number();
    in_copy = change;
    require(take_number() > KEPT / 8, "a number from before the change");
    end();

    begin("a change while the buffer is filled is one before it");
    in_call = change;
    require(take_number() > KEPT / 8, "a number from before the change");
    end();

    begin("a change in the middle of a request that is not kept is one before it");
    uint64_t numbers[LARGEST];
    in_call = change;
    require(generate(context, (unsigned char *)numbers, sizeof numbers, STRENGTH, 0, NULL, 0), "none");
    require(numbers[0] > LARGEST, "a number from before the change");
    end();

    begin("a signal handler in the middle is given others");
    take_number();
    in_copy = interrupt;
    require(take_number() != taken_between, "the same number");
    in_call = interrupt;
    change();
    require(take_number() != taken_between, "the same number");
    end();

    begin("a child is given others");
    uint64_t first = take_number();
    make_child();
    first = take_number();
    compare_with_child(first);
    end();

    begin("a child that is made in the middle of the copy is given others");
    take_number();
    in_copy = make_child;
    compare_with_child(take_number());
    end();

    begin("a child that is made while the buffer is filled is given others");
    in_call = make_child;
    compare_with_child(take_number());
    end();

    begin("the kernel may give less, and be interrupted");
    slice = 24;
    error = EINTR;
    uint64_t last = take_number();
    require(last > 0 && next == 1 + KEPT / 8, "the buffer was not filled");
    end();

    begin("without getrandom it is the device");
    error = ENOSYS;
    require(take_number() != take_number() && next == 1, "nothing of the device");
    end();

    begin("who wants what is fresh gets nothing that was kept");
    take_number();
    require(generate(context, (unsigned char *)&last, sizeof last, STRENGTH, 1, NULL, 0), "none");
    require(last == 1 + KEPT / 8, "what was kept");
    end();

    begin("nothing is kept where the buffer would be copied to a child");
    wipes = 0;
    take_number();
    require(!context->buffer && take_number() == 2, "something was kept");
    end();

    begin("nothing is kept where there is no memory");
    has_memory = 0;
    take_number();
    require(!context->buffer && take_number() == 2, "something was kept");
    end();

    begin("nothing is kept where the generation is unknown");
    provider.probe.word = NULL;
    take_number();
    require(!context->buffer && take_number() == 2, "something was kept");
    end();

    begin("nothing is kept where threads share it");
    take_number();
    require(enable_locking(context) && !context->buffer, "something is kept");
    take_number();
    require(!context->buffer, "something was kept");
    end();

    begin("it gives nothing beyond its strength, or before it is ready");
    unsigned char byte;
    require(!generate(context, &byte, 1, STRENGTH + 1, 0, NULL, 0), "beyond its strength");
    require(uninstantiate(context) && !generate(context, &byte, 1, STRENGTH, 0, NULL, 0), "not ready");
    require(!instantiate(context, STRENGTH + 1, 0, NULL, 0, NULL), "beyond its strength");
    end();

    begin("a generator below it gets a seed");
    unsigned char *seed = NULL;
    require(get_seed(context, &seed, 256, 48, 64, 0, NULL, 0) == 48 && seed, "no seed of the least size");
    clear_seed(context, seed, 48);
    require(get_seed(context, &seed, 384, 16, 64, 0, NULL, 0) == 48, "no seed for the entropy");
    clear_seed(context, seed, 48);
    require(get_seed(context, &seed, 1024, 16, 64, 0, NULL, 0) == 0, "a seed that is too small");
    end();
    freectx(context);
}
