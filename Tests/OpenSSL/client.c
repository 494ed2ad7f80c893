// A program that draws random bytes as any does, and knows nothing of the provider: OPENSSL_CONF chooses. Each draw is
// a line: the process, and 16 bytes for all and 16 that are private.

#define _GNU_SOURCE
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SIZE = 16, THREADS = 64, DRAWS = 2000 };

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static void draw_bytes(unsigned char *bytes) {
    if (RAND_bytes(bytes, SIZE) != 1 || RAND_priv_bytes(bytes + SIZE, SIZE) != 1)
        fail("RAND_bytes");
}

static void draw(void) {
    unsigned char bytes[2 * SIZE];
    char line[32 + 4 * SIZE];
    draw_bytes(bytes);
    int length = snprintf(line, sizeof line, "%d ", getpid());
    for (int i = 0; i < 2 * SIZE; i++)
        length += snprintf(line + length, sizeof line - (size_t)length, "%02x", bytes[i]);
    line[length++] = '\n';
    if (write(STDOUT_FILENO, line, (size_t)length) != length)
        fail("write");
}

// Sleeps until a line comes; a byte at a time, so that processes which share the pipe get one each.
static void wait_for_line(void) {
    char byte = 0;
    while (byte != '\n')
        if (read(STDIN_FILENO, &byte, 1) != 1)
            exit(0);
}

// As fork(2), but in a pid namespace of its own, in which it is process 1. No handler of pthread_atfork(3) runs.
static pid_t copy(void) {
    pid_t pid = (pid_t)syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, 0, 0, 0, 0);
    if (pid < 0)
        fail("clone");
    return pid;
}

static void wait_for(pid_t pid) {
    int status;
    if (waitpid(pid, &status, 0) != pid || status != 0)
        exit(1);
}

// The copies of process 1 are process 1 as well: whoever compares process ids sees no other process. They draw when
// told so, one after the other.
static void draw_in_copies(void) {
    pid_t first = copy();
    if (first != 0) {
        wait_for(first);
        return;
    }
    draw();
    pid_t copies[2];
    for (int i = 0; i < 2; i++) {
        if ((copies[i] = copy()) == 0) {
            wait_for_line();
            draw();
            exit(0);
        }
    }
    for (int i = 0; i < 2; i++)
        wait_for(copies[i]);
}

static void draw_in_child(void) {
    draw();
    pid_t child = fork();
    draw();
    if (child == 0)
        exit(0);
    wait_for(child);
}

static void draw_in_root(const char *root) {
    draw();
    if (chroot(root) != 0 || chdir("/") != 0)
        fail("chroot");
    draw();
}

static unsigned char drawn[THREADS * DRAWS][2 * SIZE];

static void *draw_many(void *place) {
    for (int i = 0; i < DRAWS; i++)
        draw_bytes(((unsigned char(*)[2 * SIZE])place)[i]);
    return NULL;
}

static int compare(const void *left, const void *right) {
    return memcmp(left, right, SIZE);
}

static void draw_in_threads(void) {
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        if (pthread_create(&threads[i], NULL, draw_many, drawn[i * DRAWS]) != 0)
            fail("pthread_create");
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    int count = (int)(sizeof drawn / SIZE), twice = 0;
    qsort(drawn, (size_t)count, SIZE, compare);
    for (int i = 1; i < count; i++)
        twice += memcmp((char *)drawn + (i - 1) * SIZE, (char *)drawn + i * SIZE, SIZE) == 0;
    printf("%d drawn, %d twice\n", count, twice);
}

int main(int count, char **arguments) {
    const char *task = count > 1 ? arguments[1] : "";
    if (strcmp(task, "copies") == 0)
        draw_in_copies();
    else if (strcmp(task, "child") == 0)
        draw_in_child();
    else if (strcmp(task, "root") == 0 && count > 2)
        draw_in_root(arguments[2]);
    else if (strcmp(task, "threads") == 0)
        draw_in_threads();
    else
        return 64;
}
