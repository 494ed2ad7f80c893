// A program that draws random bytes as any does, and knows nothing of the provider: OPENSSL_CONF chooses. Each draw is
// a line: the process, and 16 bytes for all and 16 that are private. With `long` they are the last ones of long requests.

#define _GNU_SOURCE
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SIZE = 16, LENGTH = 2 * SIZE, LONG = 8191, THREADS = 64, DRAWS = 2000 };

static size_t request = SIZE;

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static void draw_bytes(unsigned char *bytes) {
    unsigned char all[LONG], private[LONG];
    if (RAND_bytes(all, (int)request) != 1 || RAND_priv_bytes(private, (int)request) != 1)
        fail("RAND_bytes");
    memcpy(bytes, all + request - SIZE, SIZE);
    memcpy(bytes + SIZE, private + request - SIZE, SIZE);
}

#include "../Clients/drawing.h"

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

int main(int count, char **arguments) {
    const char *task = count > 1 ? arguments[1] : "";
    if (strcmp(arguments[count - 1], "long") == 0)
        request = LONG;
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
