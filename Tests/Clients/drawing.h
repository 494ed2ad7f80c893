// What programs that draw random bytes have in common. They say before how much a draw is (LENGTH), of which each SIZE bytes
// are compared, by how many THREADS and DRAWS of each, and have `draw_bytes` and `fail`.
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// A line: the process id, and the bytes.
static void draw(void) {
    unsigned char bytes[LENGTH];
    char line[32 + 2 * LENGTH];
    draw_bytes(bytes);
    int length = snprintf(line, sizeof line, "%d ", getpid());
    for (int i = 0; i < LENGTH; i++)
        length += snprintf(line + length, sizeof line - (size_t)length, "%02x", bytes[i]);
    line[length++] = '\n';
    if (getpid() != (pid_t)syscall(SYS_getpid) || write(STDOUT_FILENO, line, (size_t)length) != length)
        fail("write");
}

// Sleeps until a line comes; a byte at a time, so that processes which share the pipe get one each.
static void wait_for_line(void) {
    char byte = 0;
    while (byte != '\n')
        if (read(STDIN_FILENO, &byte, 1) != 1)
            exit(0);
}

static void wait_for(pid_t pid) {
    int status;
    if (waitpid(pid, &status, 0) != pid || status != 0)
        exit(1);
}

// As fork(2), but in a pid namespace of its own, in which it is process 1. No handler of pthread_atfork(3) runs.
static pid_t copy(void) {
    pid_t pid = (pid_t)syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, 0, 0, 0, 0);
    if (pid < 0)
        fail("clone");
    return pid;
}

static unsigned char drawn[THREADS * DRAWS][LENGTH];

static void *draw_many(void *place) {
    for (int i = 0; i < DRAWS; i++)
        draw_bytes(((unsigned char(*)[LENGTH])place)[i]);
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
