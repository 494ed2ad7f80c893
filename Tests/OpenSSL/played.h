// The provider's own functions, with a kernel that is played: it gives numbers that count up, so that a byte that is
// given twice is seen, and something happens in the middle of what it does. Each line that is printed is a test that
// passed.
#ifndef PLAYED_H
#define PLAYED_H

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
static struct provider provider = {.probe = {NULL, &generation}};
static uint64_t next;
static time_t second;
static int error, slice, has_memory, wipes;
// What happens once, in the next system call or copy, or after that.
static void (*in_call)(void), (*in_copy)(void), (*after_copy)(void);
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
    memcpy(out, from, size);
    happen(&after_copy);
    return out;
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

static void end(void) {
    printf("%s\n", test);
}

static void change(void) {
    generation++;
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

// It is given something before its handler has returned.
static void make_child_that_draws(void) {
    make_child();
    if (is_child)
        take_number();
}

static void compare_with_child(uint64_t number) {
    if (is_child)
        _exit(number > 1 << 20 ? 0 : 2);
    int status;
    require(waitpid(child, &status, 0) == child && status == 0, "the child was given what its parent has, or nothing");
}

#endif
